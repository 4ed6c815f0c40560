// What is known of models without asking their providers: prices and contexts from the list of prices, the rest
// from what their makers document.

import type { ModelFacts, ModelTable } from "../../core/models.ts";
import { byOtherNames, noOtherNames, type OtherNames } from "../../core/pricing/other-names.ts";
import type { PriceList, PriceQuery } from "../../core/pricing/price.ts";
import { modelFamilies } from "./model-families.ts";
import type { ModelFamily } from "./model-family.ts";
import { prefillAt } from "./prefill-hosts.ts";
import type { KnownModels } from "./price-list.ts";

export interface ModelTableParts {
  /** What calls are priced with, where that is more than what is known. */
  readonly prices?: PriceList | undefined;
  /** Absent: models have one name each. */
  readonly otherNames?: OtherNames | undefined;
}

export function createModelTable(known: KnownModels, parts: ModelTableParts = {}): ModelTable {
  const { prices = known, otherNames = noOtherNames } = parts;
  return {
    find(query) {
      const { name, family } =
        namedByMaker(query.model) ??
        byOtherNames(query, otherNames, namedByMaker) ??
        unknownNamed(query.model);
      const facts = {
        operations: family?.operations,
        maxOutputTokens: family?.maxOutputTokens,
        capabilities: heldBy(query.kind, name, family),
        contextTokens: known.contextTokens(query),
        price: prices.find(query),
      } satisfies ModelFacts;
      return Object.values(facts).every((fact) => fact === undefined) ? undefined : facts;
    },
  };
}

interface NamedByMaker {
  readonly name: string;
  readonly family: ModelFamily | undefined;
}

/** Undefined where the name is of no family. */
function namedByMaker(model: string): NamedByMaker | undefined {
  const name = nameByMaker(model);
  const family = familyOf(name);
  return family === undefined ? undefined : { name, family };
}

const unknownNamed = (model: string): NamedByMaker => ({ name: nameByMaker(model), family: undefined });

const familyOf = (name: string): ModelFamily | undefined =>
  modelFamilies.find(({ pattern }) => pattern.test(name));

/**
 * Hosts write the maker before the name, or a region and the maker: `meta-llama/llama-3.3-70b-instruct`,
 * `us.anthropic.claude-haiku-4-5-20251001-v1:0`. Some write the version with a point where the maker has a dash.
 */
function nameByMaker(model: string): string {
  const name = model.toLowerCase().slice(model.lastIndexOf("/") + 1);
  const bare = name.replace(
    /^(?:(?:[a-z]{2,6}\.)?(?:anthropic|amazon|meta|mistral|openai|deepseek|qwen))\./,
    "",
  );
  return bare.startsWith("claude-") ? bare.replaceAll(".", "-") : bare;
}

/** Servers that hold any model's answer to a schema by themselves. */
const schemaHosts: ReadonlySet<PriceQuery["kind"]> = new Set(["vllm", "ollama"]);

/** What the model can do and its host lets through. */
function heldBy(kind: string, name: string, family: ModelFamily | undefined): ModelFacts["capabilities"] {
  const { operations, capabilities } = family ?? {};
  if (capabilities === undefined || operations?.includes("chat") === false) return capabilities;
  return {
    ...capabilities,
    jsonSchema: schemaHosts.has(kind) ? true : capabilities.jsonSchema,
    prefill: prefillAt(kind, name, capabilities),
  };
}
