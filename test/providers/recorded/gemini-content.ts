// The parts of all chunks of a Gemini reply, read for an expectation.

import type { ExpectedCitation, ExpectedContent, ExpectedTool } from "./expectation.ts";
import { nothing } from "./expectation.ts";
import type { JsonMap } from "./json-view.ts";
import { at, listOf, mapOf, textOf } from "./json-view.ts";

export function contentOf(candidates: readonly unknown[]): ExpectedContent {
  const parts = candidates.flatMap((candidate) => listOf(at(candidate, "content", "parts")));
  const written = (thought: boolean): string =>
    parts
      .filter((part) => (at(part, "thought") === true) === thought)
      .map((part) => textOf(at(part, "text")) ?? "")
      .join("");
  const known = parts.filter((part) => kindOf(part) !== "opaque");
  return {
    ...nothing,
    text: written(false),
    reasoning: written(true),
    tools: toolsOf(parts),
    citations: candidates.flatMap((candidate) => citationsOf(candidate)),
    images: parts.filter((part) => kindOf(part) === "image").length,
    signatures: known.flatMap((part) => textOf(at(part, "thoughtSignature")) ?? []),
    order: orderOf(parts),
    kept: parts.filter((part) => kindOf(part) === "opaque").map((part) => JSON.stringify(part)),
  };
}

function kindOf(part: unknown): string {
  if (at(part, "text") !== undefined) return at(part, "thought") === true ? "reasoning" : "text";
  if (at(part, "functionCall") !== undefined) return "tool_call";
  return textOf(at(part, "inlineData", "mimeType"))?.startsWith("image/") === true ? "image" : "opaque";
}

/** Of a call that comes in pieces, only the first one has a name. */
function orderOf(parts: readonly unknown[]): readonly string[] {
  const order: string[] = [];
  for (const part of parts) {
    const kind = kindOf(part);
    if (kind === "opaque" || at(part, "text") === "") continue;
    if (kind === "tool_call" && at(part, "functionCall", "name") === undefined) continue;
    if ((kind === "text" || kind === "reasoning") && order.at(-1) === kind) continue;
    order.push(kind);
  }
  return order;
}

function toolsOf(parts: readonly unknown[]): readonly ExpectedTool[] {
  const tools: { id: string | undefined; name: string; input: JsonMap }[] = [];
  for (const part of parts) {
    const call = at(part, "functionCall");
    const name = textOf(at(call, "name"));
    if (name !== undefined) tools.push({ id: textOf(at(call, "id")), name, input: mapOf(at(call, "args")) });
    const tool = tools.at(-1);
    for (const piece of listOf(at(call, "partialArgs"))) {
      // The recordings write texts at the top alone.
      const key = /^\$\.(\w+)$/.exec(textOf(at(piece, "jsonPath")) ?? "")?.[1];
      const more = textOf(at(piece, "stringValue"));
      if (tool === undefined || key === undefined || more === undefined) {
        throw new Error(`unread piece: ${JSON.stringify(piece)}`);
      }
      tool.input = { ...tool.input, [key]: (textOf(tool.input[key]) ?? "") + more };
    }
  }
  return tools;
}

function citationsOf(candidate: unknown): readonly ExpectedCitation[] {
  const cited = listOf(at(candidate, "citationMetadata", "citationSources"));
  const chunks = listOf(at(candidate, "groundingMetadata", "groundingChunks"));
  return [
    ...cited.map((raw) => ({
      url: textOf(at(raw, "uri")),
      title: textOf(at(raw, "title")),
      citedText: undefined,
      raw,
    })),
    ...chunks.map((raw) => ({
      url: textOf(at(raw, "retrievedContext", "uri")),
      title: textOf(at(raw, "retrievedContext", "title")),
      citedText: textOf(at(raw, "retrievedContext", "text")),
      raw,
    })),
  ];
}
