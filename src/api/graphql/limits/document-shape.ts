// How large a document may be written. Read before validation, whose own work grows with it.

import {
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { invalidRequest } from "../../../core/errors.ts";

/** The most of each. Clients' introspection queries nest 15 levels. */
export const shapeLimits = {
  /** Fields and fragments of a document, as written. */
  selections: 500,
  /** Levels of fields under each other, those of fragments where they are spread. */
  levels: 16,
  /** Of an operation, those of a fragment as often as it is spread. */
  aliases: 30,
  /** Of a document, as written. */
  directives: 50,
  /** On one field, fragment or operation. */
  directivesInOnePlace: 5,
} as const;

/** What spreading a fragment adds to where it is spread. */
interface Extent {
  readonly levels: number;
  readonly aliases: number;
}

const nothing: Extent = { levels: 0, aliases: 0 };

/** @throws GatewayError `invalid_request` */
export function checkShape(document: DocumentNode): void {
  const reader = new ShapeReader(document);
  for (const definition of document.definitions) reader.check(definition);
}

class ShapeReader {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  /** Each fragment is read once; within itself it adds nothing: validation refuses it with words of its own. */
  readonly #extents = new Map<string, Extent>();
  #selections = 0;
  #directives = 0;

  constructor({ definitions }: DocumentNode) {
    for (const definition of definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        this.#fragments.set(definition.name.value, definition);
      }
    }
  }

  check(definition: DefinitionNode): void {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      this.#extentOfFragment(definition.name.value);
      // One of several with the same name; validation refuses it.
      if (this.#fragments.get(definition.name.value) !== definition) this.#read(definition.selectionSet);
    } else if (definition.kind === Kind.OPERATION_DEFINITION) {
      this.#countDirectives(definition.directives);
      for (const variable of definition.variableDefinitions ?? []) this.#countDirectives(variable.directives);
      const { levels, aliases } = this.#read(definition.selectionSet);
      if (levels > shapeLimits.levels) {
        throw invalidRequest(
          "query",
          `nests fields more than ${shapeLimits.levels} levels deep. Ask for fewer.`,
        );
      }
      if (aliases > shapeLimits.aliases) {
        throw tooMuch("aliases, those of a fragment counted wherever it is spread", shapeLimits.aliases);
      }
    }
  }

  #extentOfFragment(name: string): Extent {
    const known = this.#extents.get(name);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    if (fragment === undefined) return nothing;
    this.#extents.set(name, nothing);
    this.#countDirectives(fragment.directives);
    const extent = this.#read(fragment.selectionSet);
    this.#extents.set(name, extent);
    return extent;
  }

  /** Recursion ends by itself: it goes one selection further each time, and those are counted. */
  #read({ selections }: SelectionSetNode): Extent {
    let levels = 0;
    let aliases = 0;
    for (const selection of selections) {
      this.#selections += 1;
      if (this.#selections > shapeLimits.selections) {
        throw tooMuch("fields and fragments", shapeLimits.selections);
      }
      this.#countDirectives(selection.directives);
      const extent = this.#extentOf(selection);
      levels = Math.max(levels, extent.levels);
      aliases += extent.aliases;
    }
    return { levels, aliases };
  }

  #extentOf(selection: SelectionNode): Extent {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.#extentOfFragment(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.#read(selection.selectionSet);
    const { levels, aliases } =
      selection.selectionSet === undefined ? nothing : this.#read(selection.selectionSet);
    return { levels: levels + 1, aliases: aliases + (selection.alias === undefined ? 0 : 1) };
  }

  #countDirectives(directives: readonly DirectiveNode[] = []): void {
    if (directives.length > shapeLimits.directivesInOnePlace) {
      throw tooMuch("directives in one place", shapeLimits.directivesInOnePlace, "Leave some out");
    }
    this.#directives += directives.length;
    if (this.#directives > shapeLimits.directives) throw tooMuch("directives", shapeLimits.directives);
  }
}

const tooMuch = (what: string, limit: number, advice = "Ask in several operations") =>
  invalidRequest("query", `has more than ${limit} ${what}. ${advice}.`);
