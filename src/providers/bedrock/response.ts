// The vendor's whole answer as events.
// Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html

import type { ProviderChatEvent } from "../../core/chat/events.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { brokenReply } from "../broken-reply.ts";
import { checkDepth, createPartWriter, type PartWriter } from "../part-writer.ts";
import { isJsonArray, listIn, objectIn, parseJson, saysSomething, stringIn, textIn } from "../vendor-json.ts";
import { citationOf } from "./citation.ts";
import { readBedrockError } from "./errors.ts";
import { traitsOf } from "./model-traits.ts";
import { finishedFor, writeExtras } from "./reply-end.ts";
import { usageOf } from "./usage.ts";

/**
 * The events of a 200's body; `model` is the one that was asked, for it tells whose proofs these are.
 * @throws ProviderError for an error that stands in it; `broken_reply` when it is not an answer
 */
export function readBedrockAnswer(text: string, model: string): readonly ProviderChatEvent[] {
  const answer = objectIn(parseJson(text));
  if (answer === undefined) throw brokenReply("the body is no JSON object");
  const content = objectIn(objectIn(answer["output"])?.["message"])?.["content"];
  if (!isJsonArray(content)) {
    if (textIn(answer["message"]) !== undefined) throw readBedrockError({ status: 200, headers: {}, text });
    throw brokenReply("the answer has no message with content");
  }
  const parts = createPartWriter("bedrock");
  const { prover } = traitsOf(model);
  for (const block of content) readBlock(block, { parts, prover });
  parts.close();
  writeExtras(answer, parts);
  const usage = usageOf(answer["usage"]);
  return [
    { type: "started" },
    ...parts.take(),
    ...(usage === undefined ? [] : [{ type: "usage", usage } satisfies ProviderChatEvent]),
    finishedFor(answer, parts),
  ];
}

interface Reading {
  readonly parts: PartWriter;
  /** Whose the signatures are. */
  readonly prover: string;
}

/** A block has one member, which is named after its kind. */
function readBlock(value: JsonValue, { parts, prover }: Reading): void {
  parts.closeWritten();
  const block = objectIn(value);
  if (block === undefined) throw brokenReply("a content block is no object");
  for (const kind in block) {
    const held = block[kind];
    if (held === undefined || held === null) continue;
    const object = objectIn(held);
    if (kind === "text" && typeof held === "string") writeText(held, parts);
    else if (kind === "reasoningContent" && object !== undefined) readReasoning(object, { parts, prover });
    else if (kind === "toolUse" && object !== undefined) readToolUse(object, parts);
    else if (kind === "citationsContent" && object !== undefined) readCitations(object, parts);
    else if (kind === "image" && object !== undefined) readImage(object, parts);
    else parts.opaque(kind, held);
  }
}

function writeText(text: string, parts: PartWriter): void {
  if (text !== "") parts.write("text", text);
}

function readReasoning(reasoning: JsonObject, { parts, prover }: Reading): void {
  const told = objectIn(reasoning["reasoningText"]);
  const redactedData = textIn(reasoning["redactedContent"]);
  const text = textIn(told?.["text"]);
  const signature = textIn(told?.["signature"]);
  if (text !== undefined) parts.write("reasoning", text);
  if (signature !== undefined) parts.prove({ signature, vendor: prover });
  if (redactedData !== undefined) parts.prove({ redactedData, vendor: "bedrock" });
  for (const name in reasoning) {
    const other = reasoning[name];
    if (name === "reasoningText" || name === "redactedContent" || !saysSomething(other)) continue;
    parts.opaque(`reasoningContent.${name}`, other);
  }
}

/** A call of a tool that the vendor runs itself is nothing for the caller to run. */
export const runsAtVendor = (toolUse: JsonObject): boolean =>
  stringIn(toolUse["type"])?.startsWith("server_") === true;

function readToolUse(toolUse: JsonObject, parts: PartWriter): void {
  if (runsAtVendor(toolUse)) {
    parts.opaque("toolUse", toolUse);
    return;
  }
  const index = parts.open(toolCallOf(toolUse));
  parts.more(index, JSON.stringify(checkDepth(toolUse["input"] ?? {})));
  parts.finish(index);
}

/** @throws ProviderError `broken_reply` for a call that cannot be answered */
export function toolCallOf(toolUse: JsonObject): {
  readonly kind: "tool_call";
  readonly id: string;
  readonly name: string;
} {
  const id = textIn(toolUse["toolUseId"]);
  const name = textIn(toolUse["name"]);
  if (id === undefined || name === undefined) throw brokenReply("a toolUse without id or name");
  return { kind: "tool_call", id, name };
}

function readCitations(block: JsonObject, parts: PartWriter): void {
  for (const piece of listIn(block["content"])) {
    const text = objectIn(piece)?.["text"];
    if (typeof text === "string") writeText(text, parts);
    else parts.opaque("citationsContent", piece);
  }
  for (const raw of listIn(block["citations"])) {
    const citation = objectIn(raw);
    if (citation === undefined) parts.opaque("citation", raw);
    else parts.whole({ kind: "citation", citation: citationOf(citation) });
  }
}

function readImage(image: JsonObject, parts: PartWriter): void {
  const data = textIn(objectIn(image["source"])?.["bytes"]);
  const format = textIn(image["format"]);
  if (data === undefined || format === undefined) parts.opaque("image", image);
  else parts.whole({ kind: "image", source: { data, mediaType: `image/${format}` } });
}
