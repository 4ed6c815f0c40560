// Gathers the message of choice 0 of a Chat Completions answer, from one `message` or from many `delta`s.

import type { ExpectedCitation, ExpectedContent, ExpectedTool } from "./expectation.ts";
import { nothing } from "./expectation.ts";
import { argumentsOf, at, listOf, numberOf, textOf } from "./json-view.ts";

interface OpenTool {
  id: string | undefined;
  name: string;
  written: string;
}

interface Choice {
  add(message: unknown): void;
  /** Something beside the choices that must not be lost. */
  keep(json: unknown): void;
  /** The sources that stand beside the choices; they are repeated, so the last chunk has all of them. */
  cite(answer: unknown): void;
  content(): ExpectedContent;
}

export function createChoice(): Choice {
  const tools = new Map<number, OpenTool>();
  const citations: ExpectedCitation[] = [];
  const order: string[] = [];
  const kept: string[] = [];
  const told = { text: "", reasoning: "", refusal: "", images: 0 };

  const tell = (kind: "text" | "reasoning" | "refusal", piece: unknown): void => {
    const text = textOf(piece) ?? "";
    if (text === "") return;
    told[kind] += text;
    if (order.at(-1) !== kind) order.push(kind);
  };

  const callTool = (call: unknown, position: number): void => {
    const index = numberOf(at(call, "index")) ?? position;
    const before = tools.get(index);
    if (before === undefined) order.push("tool_call");
    const tool = before ?? { id: undefined, name: "", written: "" };
    tool.id ??= textOf(at(call, "id")) || undefined;
    tool.name ||= textOf(at(call, "function", "name")) ?? "";
    tool.written += textOf(at(call, "function", "arguments")) ?? "";
    tools.set(index, tool);
  };

  const tellContent = (content: unknown): void => {
    tell("text", content);
    for (const piece of listOf(content)) {
      tell("text", at(piece, "text"));
      for (const thought of listOf(at(piece, "thinking"))) tell("reasoning", at(thought, "text"));
    }
  };

  return {
    add(message) {
      tell("reasoning", at(message, "reasoning") ?? at(message, "reasoning_content"));
      for (const detail of listOf(at(message, "reasoning_details"))) {
        kept.push(...[at(detail, "data"), at(detail, "signature")].filter((x) => typeof x === "string"));
      }
      tellContent(at(message, "content"));
      tell("refusal", at(message, "refusal"));
      for (const [position, call] of listOf(at(message, "tool_calls")).entries()) callTool(call, position);
      const legacy = at(message, "function_call");
      if (legacy !== undefined && legacy !== null) callTool({ function: legacy }, 0);
      citations.push(...listOf(at(message, "annotations")).map((annotation) => citationOf(annotation)));
      told.images += listOf(at(message, "images")).length;
    },
    keep(json) {
      if (json !== undefined && json !== null && JSON.stringify(json) !== "{}") {
        kept.push(JSON.stringify(json));
      }
    },
    cite(answer) {
      const results = listOf(at(answer, "search_results"));
      for (const result of results) citations.push(resultOf(result));
      const urls = new Set(results.map((result) => at(result, "url")));
      for (const url of listOf(at(answer, "citations"))) {
        if (!urls.has(url)) {
          citations.push({ url: textOf(url), title: undefined, citedText: undefined, raw: url });
        }
      }
    },
    content: () => ({
      ...nothing,
      ...told,
      tools: [...tools.values()].map((tool) => expectedTool(tool)),
      citations,
      order,
      kept,
    }),
  };
}

const expectedTool = ({ id, name, written }: OpenTool): ExpectedTool => ({
  id,
  name,
  input: argumentsOf(written),
});

function citationOf(annotation: unknown): ExpectedCitation {
  if (at(annotation, "type") !== "url_citation") {
    throw new Error(`unread annotation: ${JSON.stringify(annotation)}`);
  }
  return {
    url: textOf(at(annotation, "url_citation", "url")),
    title: textOf(at(annotation, "url_citation", "title")) || undefined,
    citedText: undefined,
    raw: annotation,
  };
}

const resultOf = (result: unknown): ExpectedCitation => ({
  url: textOf(at(result, "url")),
  title: textOf(at(result, "title")) || undefined,
  citedText: textOf(at(result, "snippet")) || undefined,
  raw: result,
});
