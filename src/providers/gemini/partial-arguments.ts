// Arguments of a function call that come in pieces, each with a JSON path and a value. Vertex AI sends them so.
// Source: docs.cloud.google.com/vertex-ai/generative-ai/docs, streaming of function call arguments; RFC 9535

import type { JsonValue } from "../../core/json.ts";
import { brokenReply } from "../broken-reply.ts";
import { isJsonObject, textIn } from "../vendor-json.ts";

export interface PartialArguments {
  /** @throws ProviderError `broken_reply` for a piece that fits nowhere */
  add(piece: JsonValue): void;
  /** As JSON text, as far as they came. */
  text(): string;
}

type Scalar = string | number | boolean | null;
type Node = Scalar | Node[] | Map<string, Node>;
type Step = string | number;

interface Tree {
  readonly root: Map<string, Node>;
  gaps: number;
}

const maxDepth = 64;
/** Places of lists that no piece has filled: what a path makes is bounded by more than its own length. */
const maxGaps = 10_000;

export function createPartialArguments(): PartialArguments {
  const tree: Tree = { root: new Map(), gaps: 0 };
  /** Of the text that goes on. */
  let openPath: string | undefined;

  return {
    add(piece) {
      if (!isJsonObject(piece)) throw brokenReply("a piece of a call's arguments is no object");
      const path = textIn(piece["jsonPath"]);
      if (path === undefined) throw brokenReply("a piece of a call's arguments has no path");
      const value = valueOf(piece["stringValue"], piece["numberValue"], piece["boolValue"]) ?? null;
      const steps = stepsOf(path);
      // A piece without a value only tells whether the text goes on.
      if (value !== null || piece["nullValue"] !== undefined) {
        place(tree, steps, openPath === path && typeof value === "string" ? grownBy(value) : () => value);
      }
      openPath = piece["willContinue"] === true ? path : undefined;
    },
    text: () => JSON.stringify(plain(tree.root)),
  };
}

const valueOf = (...values: readonly (JsonValue | undefined)[]): Scalar | undefined =>
  values.find(
    (value) => typeof value === "string" || typeof value === "number" || typeof value === "boolean",
  );

const grownBy =
  (more: string) =>
  (before: Node | undefined): Node =>
    typeof before === "string" ? before + more : more;

/** `$.a.b[0]['c']` as its steps. */
function stepsOf(path: string): readonly Step[] {
  const steps: Step[] = [];
  const step = /\.([^.[\]]+)|\[(\d{1,6})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;
  step.lastIndex = 1;
  while (path.startsWith("$") && step.lastIndex < path.length) {
    const [, name, index, single, double] = step.exec(path) ?? [];
    const key = name ?? (single ?? double)?.replaceAll(/\\(.)/g, "$1");
    if (key !== undefined) steps.push(key);
    else if (index !== undefined) steps.push(Number(index));
    else break;
  }
  const whole = step.lastIndex === path.length;
  if (steps.length === 0 || steps.length > maxDepth || !whole) {
    throw brokenReply("a piece of a call's arguments has a path that cannot be read");
  }
  return steps;
}

function place(tree: Tree, steps: readonly Step[], change: (before: Node | undefined) => Node): void {
  let node: Node = tree.root;
  for (const [i, step] of steps.entries()) {
    const next = steps[i + 1];
    const before = childOf(node, step);
    if (typeof step === "number" && Array.isArray(node)) fillTo(step, node, tree);
    if (next === undefined) {
      setChild(node, step, change(before));
      return;
    }
    const child: Node = before ?? (typeof next === "number" ? [] : new Map());
    setChild(node, step, child);
    node = child;
  }
}

function childOf(node: Node, step: Step): Node | undefined {
  if (node instanceof Map && typeof step === "string") return node.get(step);
  if (Array.isArray(node) && typeof step === "number") return node[step];
  throw brokenReply("a piece of a call's arguments does not fit to the others");
}

function fillTo(index: number, list: Node[], tree: Tree): void {
  if (index <= list.length) return;
  tree.gaps += index - list.length;
  if (tree.gaps > maxGaps) throw brokenReply("a call's arguments have too long a list");
  while (list.length < index) list.push(null);
}

function setChild(node: Node, step: Step, child: Node): void {
  if (node instanceof Map && typeof step === "string") node.set(step, child);
  else if (Array.isArray(node) && typeof step === "number") node[step] = child;
}

function plain(node: Node): JsonValue {
  if (node instanceof Map) {
    return Object.fromEntries([...node].map(([key, child]) => [key, plain(child)] as const));
  }
  return Array.isArray(node) ? node.map((child) => plain(child)) : node;
}
