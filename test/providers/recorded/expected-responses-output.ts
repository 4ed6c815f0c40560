// The output items of a whole response, read for an expectation.

import type { ExpectedCitation, ExpectedContent, ExpectedTool } from "./expectation.ts";
import { nothing } from "./expectation.ts";
import { argumentsOf, at, listOf, textOf } from "./json-view.ts";

export function responsesContent(items: readonly unknown[]): ExpectedContent {
  const ofType = (type: string): readonly unknown[] => items.filter((item) => at(item, "type") === type);
  const pieces = ofType("message").flatMap((item) => listOf(at(item, "content")));
  const strings = (key: string): readonly string[] =>
    ofType("reasoning").flatMap((item) => textOf(at(item, key)) ?? []);
  return {
    ...nothing,
    text: pieces.map((piece) => textOf(at(piece, "text")) ?? "").join(""),
    refusal: pieces.map((piece) => textOf(at(piece, "refusal")) ?? "").join(""),
    reasoning: ofType("reasoning")
      .map((item) => reasoningOf(item))
      .join(""),
    tools: ofType("function_call").map((item) => toolOf(item)),
    citations: pieces.flatMap((piece) => listOf(at(piece, "annotations")).map((raw) => citationOf(raw))),
    opaques: items.flatMap((item) => opaquesOf(item)),
    signatures: strings("id"),
    redacted: strings("encrypted_content"),
    order: orderOf(items),
  };
}

/** Summaries, or the text itself, each a paragraph. */
const reasoningOf = (item: unknown): string =>
  [...listOf(at(item, "summary")), ...listOf(at(item, "content"))]
    .map((piece) => textOf(at(piece, "text")) ?? "")
    .filter((text) => text !== "")
    .join("\n\n");

const toolOf = (item: unknown): ExpectedTool => ({
  id: textOf(at(item, "call_id")),
  name: textOf(at(item, "name")) ?? "",
  input: argumentsOf(textOf(at(item, "arguments")) ?? ""),
});

const citationOf = (raw: unknown): ExpectedCitation => ({
  url: textOf(at(raw, "url")),
  title: textOf(at(raw, "title")) ?? textOf(at(raw, "filename")),
  citedText: undefined,
  raw,
});

const known: ReadonlySet<unknown> = new Set(["message", "reasoning", "function_call"]);

/** What only the vendor knows stays as it is, and the mark of a message that is not the answer yet. */
function opaquesOf(item: unknown): readonly { readonly type: string; readonly json: unknown }[] {
  const type = textOf(at(item, "type")) ?? "";
  if (at(item, "phase") === "commentary") return [{ type: "message.phase", json: "commentary" }];
  return known.has(type) ? [] : [{ type, json: item }];
}

function orderOf(items: readonly unknown[]): readonly string[] {
  const order: string[] = [];
  for (const item of items) {
    if (opaquesOf(item).length > 0) order.push("opaque");
    const type = at(item, "type");
    if (type === "function_call") order.push("tool_call");
    else if (type === "reasoning" && order.at(-1) !== "reasoning") order.push("reasoning");
    else if (type === "message" && order.at(-1) !== "text") order.push("text");
  }
  return order;
}
