// The content blocks of a whole Messages answer, read for an expectation.

import type { ExpectedCitation, ExpectedContent, ExpectedTool } from "./expectation.ts";
import { nothing } from "./expectation.ts";
import type { JsonMap } from "./json-view.ts";
import { at, listOf, mapOf, textOf } from "./json-view.ts";

export function contentOf(blocks: readonly unknown[]): ExpectedContent {
  const ofType = (type: string): readonly JsonMap[] =>
    blocks.filter((block) => at(block, "type") === type).map((block) => mapOf(block));
  const join = (type: string, key: string): string =>
    ofType(type)
      .map((block) => textOf(block[key]) ?? "")
      .join("");
  const signatures = ofType("thinking").map((block) => textOf(block.signature) ?? "");
  return {
    ...nothing,
    text: join("text", "text"),
    reasoning: join("thinking", "thinking"),
    tools: ofType("tool_use").map((block) => toolOf(block)),
    citations: ofType("text").flatMap((block) =>
      listOf(block.citations).map((citation) => citationOf(citation)),
    ),
    opaques: blocks.filter((block) => kindOf(block) === "opaque").map((json) => opaqueOf(json)),
    signatures: signatures.filter((signature) => signature !== ""),
    redacted: ofType("redacted_thinking").map((block) => textOf(block.data) ?? ""),
    order: orderOf(blocks),
  };
}

/** Blocks that only Anthropic knows (server tools and their results, compaction, fallback) stay as they are. */
function kindOf(block: unknown): string {
  switch (at(block, "type")) {
    case "text":
      return "text";
    case "thinking":
    case "redacted_thinking":
      return "reasoning";
    case "tool_use":
      return "tool_call";
    default:
      return "opaque";
  }
}

function orderOf(blocks: readonly unknown[]): readonly string[] {
  const order: string[] = [];
  for (const block of blocks) {
    const kind = kindOf(block);
    if (kind === "text" && at(block, "text") === "") continue;
    if ((kind === "text" || kind === "reasoning") && order.at(-1) === kind) continue;
    order.push(kind);
  }
  return order;
}

const toolOf = (block: JsonMap): ExpectedTool => ({
  id: textOf(block.id),
  name: textOf(block.name) ?? "",
  input: block.input,
});

const opaqueOf = (json: unknown) => ({ type: textOf(at(json, "type")) ?? "", json });

const citationOf = (citation: unknown): ExpectedCitation => ({
  url: textOf(at(citation, "url")),
  title: textOf(at(citation, "title")),
  citedText: textOf(at(citation, "cited_text")),
  raw: citation,
});
