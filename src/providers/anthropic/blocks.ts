// The vendor's content blocks as parts. A block of a whole answer is read as one that begins with all its
// content and gets no deltas.

import type { Citation, PartFinished, PartStart, ProviderChatEvent } from "../../core/chat/events.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { brokenReply, brokenReplyQuoted } from "../broken-reply.ts";
import { isJsonArray, isJsonObject, isShallow, stringIn } from "../vendor-json.ts";
import { gatherOpaqueBlock } from "./opaque-block.ts";

/** Hands out the indices of parts, from 0. */
export type NextIndex = () => number;

export function createNextIndex(): NextIndex {
  let next = 0;
  return () => next++;
}

export interface BlockReader {
  /** What the block's beginning tells. */
  readonly begin: readonly ProviderChatEvent[];
  delta(delta: JsonObject): readonly ProviderChatEvent[];
  end(): readonly ProviderChatEvent[];
}

/** @throws ProviderError `broken_reply` */
export function openBlock(block: JsonObject, nextIndex: NextIndex): BlockReader {
  switch (stringIn(block["type"]) ?? "") {
    case "text":
      return textBlock(block, nextIndex);
    case "thinking":
      return thinkingBlock(block, nextIndex);
    case "redacted_thinking":
      return redactedBlock(block, nextIndex);
    case "tool_use":
      return toolBlock(block, nextIndex);
    default:
      return opaqueBlock(block, nextIndex);
  }
}

function textBlock(block: JsonObject, nextIndex: NextIndex): BlockReader {
  const index = nextIndex();
  const citations = isJsonArray(block["citations"]) ? block["citations"] : [];
  return {
    begin: [
      { type: "part_started", index, part: { kind: "text" } },
      ...deltaOf(index, block["text"]),
      ...citations.flatMap((citation) => citationPart(citation, nextIndex)),
    ],
    delta(delta) {
      if (delta["type"] === "text_delta") return deltaOf(index, delta["text"]);
      if (delta["type"] === "citations_delta") return citationPart(delta["citation"] ?? null, nextIndex);
      return unknownDelta(delta, nextIndex);
    },
    end: () => [{ type: "part_finished", index }],
  };
}

function thinkingBlock(block: JsonObject, nextIndex: NextIndex): BlockReader {
  const index = nextIndex();
  let signature = stringIn(block["signature"]);
  return {
    begin: [
      { type: "part_started", index, part: { kind: "reasoning" } },
      ...deltaOf(index, block["thinking"]),
    ],
    delta(delta) {
      if (delta["type"] === "thinking_delta") return deltaOf(index, delta["thinking"]);
      if (delta["type"] !== "signature_delta") return unknownDelta(delta, nextIndex);
      signature = stringIn(delta["signature"]) ?? signature;
      return [];
    },
    end: () => [proven(index, { signature: signature === "" ? undefined : signature })],
  };
}

function redactedBlock(block: JsonObject, nextIndex: NextIndex): BlockReader {
  const index = nextIndex();
  return {
    begin: [{ type: "part_started", index, part: { kind: "reasoning" } }],
    delta: (delta) => unknownDelta(delta, nextIndex),
    end: () => [proven(index, { redactedData: stringIn(block["data"]) })],
  };
}

const proven = (index: number, proof: Pick<PartFinished, "signature" | "redactedData">): PartFinished => ({
  type: "part_finished",
  index,
  ...proof,
  vendor: "anthropic",
});

function toolBlock(block: JsonObject, nextIndex: NextIndex): BlockReader {
  const id = stringIn(block["id"]) ?? "";
  const name = stringIn(block["name"]) ?? "";
  if (id === "" || name === "") throw brokenReply("a tool_use block without id or name");
  const index = nextIndex();
  let fragments = false;
  return {
    begin: [{ type: "part_started", index, part: { kind: "tool_call", id, name } }],
    delta(delta) {
      if (delta["type"] !== "input_json_delta") return unknownDelta(delta, nextIndex);
      const events = deltaOf(index, delta["partial_json"]);
      fragments ||= events.length > 0;
      return events;
    },
    end: () => [
      ...(fragments ? [] : deltaOf(index, inputText(block["input"] ?? {}))),
      { type: "part_finished", index },
    ],
  };
}

function inputText(input: JsonValue): string {
  if (!isShallow(input)) throw brokenReply("a tool's input is nested too deep");
  return JSON.stringify(input);
}

function opaqueBlock(block: JsonObject, nextIndex: NextIndex): BlockReader {
  const gathered = gatherOpaqueBlock(block);
  const type = stringIn(block["type"]) ?? "unknown";
  return {
    begin: [],
    delta(delta) {
      gathered.add(delta);
      return [];
    },
    end: () => opaquePart({ type, json: gathered.whole() }, nextIndex),
  };
}

// The vendor adds kinds of deltas; one that we do not know is handed on beside its block.
const unknownDelta = (delta: JsonObject, nextIndex: NextIndex): readonly ProviderChatEvent[] =>
  opaquePart({ type: stringIn(delta["type"]) ?? "unknown", json: delta }, nextIndex);

/** A part that arrives whole, with what the core has no place for. */
export function opaquePart(
  { type, json }: { readonly type: string; readonly json: JsonValue },
  nextIndex: NextIndex,
): readonly ProviderChatEvent[] {
  if (!isShallow(json)) throw brokenReplyQuoted(`"${type.slice(0, 80)}" is nested too deep`);
  return wholePart({ kind: "opaque", vendor: "anthropic", type, json }, nextIndex);
}

function citationPart(raw: JsonValue, nextIndex: NextIndex): readonly ProviderChatEvent[] {
  if (!isJsonObject(raw)) return opaquePart({ type: "citation", json: raw }, nextIndex);
  if (!isShallow(raw)) throw brokenReply("a citation is nested too deep");
  // A search result of the caller's own names its source, which may be an address.
  const source = stringIn(raw["source"]);
  const citation: Citation = {
    url: stringIn(raw["url"]) ?? (source !== undefined && /^https?:\/\//i.test(source) ? source : undefined),
    title: stringIn(raw["title"]) ?? stringIn(raw["document_title"]),
    citedText: stringIn(raw["cited_text"]),
    raw,
  };
  return wholePart({ kind: "citation", citation }, nextIndex);
}

function wholePart(part: PartStart, nextIndex: NextIndex): readonly ProviderChatEvent[] {
  const index = nextIndex();
  return [
    { type: "part_started", index, part },
    { type: "part_finished", index },
  ];
}

function deltaOf(index: number, text: JsonValue | undefined): readonly ProviderChatEvent[] {
  return typeof text === "string" && text !== "" ? [{ type: "part_delta", index, text }] : [];
}
