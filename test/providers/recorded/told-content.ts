// What an adapter told, in the words of an expectation.

import type { PartKind } from "../../../src/core/chat/events.ts";
import type { ExpectedContent } from "./expectation.ts";
import type { ToldPart } from "./fold.ts";
import { argumentsOf } from "./json-view.ts";

export function toldContent(parts: readonly ToldPart[]): Omit<ExpectedContent, "kept" | "beside" | "order"> {
  const ofKind = (kind: PartKind): readonly ToldPart[] => parts.filter((part) => part.start.kind === kind);
  const join = (kind: PartKind): string =>
    ofKind(kind)
      .map((part) => part.text)
      .join("");
  return {
    text: join("text"),
    reasoning: join("reasoning"),
    refusal: join("refusal"),
    tools: parts.flatMap(({ start, text }) =>
      start.kind === "tool_call" ? [{ id: start.id, name: start.name, input: argumentsOf(text) }] : [],
    ),
    citations: parts.flatMap(({ start }) => {
      if (start.kind !== "citation") return [];
      const { url, title, citedText, raw } = start.citation;
      return [{ url, title, citedText, raw }];
    }),
    images: ofKind("image").length,
    opaques: parts.flatMap(({ start }) =>
      start.kind === "opaque" ? [{ type: start.type, json: start.json }] : [],
    ),
    signatures: parts.flatMap(({ signature }) => (signature === undefined ? [] : [signature])),
    redacted: parts.flatMap(({ redacted }) => (redacted === undefined ? [] : [redacted])),
  };
}

/** The parts without those that hold only what stands beside them, see `ExpectedContent.beside`. */
export function partsProper(parts: readonly ToldPart[], beside: readonly unknown[]): readonly ToldPart[] {
  const written = beside.map((value) => JSON.stringify(value));
  return parts.filter(({ start }) => {
    const json = start.kind === "opaque" ? JSON.stringify(start.json) : "";
    return !written.some((value) => json.includes(value));
  });
}

/** See `ExpectedContent.order`; `hidden`: whether what has no text of its own counts. */
export function orderTold(parts: readonly ToldPart[], hidden: boolean): readonly string[] {
  const order: string[] = [];
  for (const { start, text, signature, redacted } of parts) {
    if (start.kind === "citation" || (start.kind === "opaque" && !hidden)) continue;
    const written = start.kind === "text" || start.kind === "reasoning" || start.kind === "refusal";
    const sealed = hidden && (signature ?? redacted) !== undefined;
    if (written && text === "" && !sealed) continue;
    if (written && order.at(-1) === start.kind) continue;
    order.push(start.kind);
  }
  return order;
}

/** Of the strings that must not be lost, those that stand nowhere. */
export function lostOf(kept: readonly string[], parts: readonly ToldPart[]): readonly string[] {
  const places = parts.flatMap(({ start, text, signature, redacted }) => [
    signature ?? "",
    redacted ?? "",
    start.kind === "refusal" ? text : "",
    start.kind === "opaque" ? JSON.stringify(start.json) : "",
  ]);
  return kept.filter((wanted) => !places.some((place) => place.includes(wanted)));
}
