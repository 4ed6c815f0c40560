// Reasoning: summaries or the text itself, and the proof, which is whole only at the item's end.
// Source: platform.openai.com/docs/guides/reasoning; `signature` and `format` are OpenRouter's

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { PartWriter } from "../../part-writer.ts";
import { listIn, objectIn, saysSomething, stringIn, textIn } from "../../vendor-json.ts";
import { vendorOfFormat } from "../proof-format.ts";
import { ignored, unknownMembers, untold } from "./item-reader.ts";
import type { ItemReader, PieceKey } from "./item-reader.ts";

const itemMembers = new Set([
  "type",
  "id",
  "status",
  "summary",
  "content",
  "encrypted_content",
  "signature",
  "format",
]);

/** `maker` is whose proof it is where the item does not say. */
export function createReasoningReader(parts: PartWriter, maker: string): ItemReader {
  const told = new Map<number, string>();
  let part: number | undefined;
  let wrote = false;

  function write(piece: PieceKey, text: string): void {
    if (text === "") return;
    const key = keyOf(piece);
    const before = told.get(key);
    told.set(key, (before ?? "") + text);
    part ??= parts.open({ kind: "reasoning" });
    // Each piece is a paragraph.
    parts.more(part, before === undefined && wrote ? `\n\n${text}` : text);
    wrote = true;
  }

  const whole = (key: PieceKey, text: string): void => write(key, untold(told.get(keyOf(key)) ?? "", text));

  function readList(kind: "summary" | "reasoning", list: JsonValue | undefined): void {
    for (const [at, value] of listIn(list).entries()) {
      const text = stringIn(objectIn(value)?.["text"]) ?? stringIn(value);
      if (text === undefined) parts.opaque(`reasoning.${kind}`, value);
      else whole({ kind, at }, text);
    }
  }

  function done(item: JsonObject): void {
    readList("summary", item["summary"]);
    readList("reasoning", item["content"]);
    const signature = textIn(item["signature"]) ?? textIn(item["id"]);
    const redactedData = textIn(item["encrypted_content"]);
    const vendor = vendorOfFormat(textIn(item["format"])) ?? maker;
    if (signature !== undefined || redactedData !== undefined) part ??= parts.open({ kind: "reasoning" });
    if (part !== undefined) parts.finish(part, { signature, redactedData, vendor });
    for (const [name, extra] of unknownMembers(item, itemMembers)) {
      if (saysSomething(extra)) parts.opaque(`reasoning.${name}`, extra);
    }
  }

  return {
    type: "reasoning",
    begin: ignored,
    delta: write,
    whole,
    annotate: ignored,
    done,
    abandon() {
      if (part !== undefined) parts.finish(part);
    },
  };
}

/** Summaries and texts are counted apart. */
const keyOf = ({ kind, at }: PieceKey): number => (kind === "summary" ? at : -1 - at);
