// Reasoning and proofs that a caller gives back with an assistant's message, in the forms of proof-format.ts.

import { invalidRequest } from "../../core/errors.ts";
import type { ReasoningPart, ToolCallPart } from "../../core/chat/request.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import {
  isObject,
  optionalArray,
  optionalNumber,
  optionalObject,
  optionalString,
  refuseUnknown,
  requiredString,
  wrongType,
} from "../json-fields.ts";
import { vendorOf } from "./proof-format.ts";

const commonFields = ["type", "format", "index", "id"];
const textFields = new Set([...commonFields, "text", "signature"]);
const summaryFields = new Set([...commonFields, "summary"]);
const encryptedFields = new Set([...commonFields, "data"]);

interface Detail {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly vendor: string | undefined;
  readonly text: string;
  readonly signature: string | undefined;
  readonly data: string | undefined;
}

type ToolCallProof = Pick<ToolCallPart, "signature" | "vendor">;

export interface GivenReasoning {
  readonly parts: readonly ReasoningPart[];
  /** By the id of the call: OpenRouter has proofs of tool calls among those of reasoning. */
  readonly callProofs: ReadonlyMap<string, ToolCallProof>;
}

/** The reasoning of the assistant's message at the path `at`. @throws GatewayError `invalid_request` */
export function reasoningFrom(message: JsonObject, at: string): GivenReasoning {
  const text = optionalString(message, "reasoning_content", at) ?? optionalString(message, "reasoning", at);
  const given = optionalArray(message, "reasoning_details", at);
  if (given === undefined) return { parts: withText([], text), callProofs: new Map() };
  const details = given.map((detail, i) => detailFrom(detail, `${at}.reasoning_details[${i}]`));
  const calls = optionalArray(message, "tool_calls", at) ?? [];
  const callIds = new Set(calls.map((call) => (isObject(call) ? call["id"] : undefined)));
  const callProofs = new Map<string, ToolCallProof>();
  const reasoning = details.filter(({ id, data, vendor }) => {
    if (id === undefined || data === undefined || !callIds.has(id)) return true;
    callProofs.set(id, { signature: data, vendor });
    return false;
  });
  return { parts: withText(joined(reasoning), text), callProofs };
}

/** Details hold the text too, which must not be given back twice; proofs without it prove that of the message. */
function withText(parts: readonly ReasoningPart[], text: string | undefined): readonly ReasoningPart[] {
  const [first, ...rest] = parts;
  if (text === undefined || text === "" || parts.some((part) => part.text !== "")) return parts;
  return first === undefined ? [{ type: "reasoning", text }] : [{ ...first, text }, ...rest];
}

function detailFrom(detail: JsonValue, at: string): Detail {
  if (!isObject(detail)) throw wrongType(at, "an object", detail);
  const format = optionalString(detail, "format", at);
  const common = {
    id: optionalString(detail, "id", at),
    index: optionalNumber(detail, "index", at),
    vendor: format === undefined ? undefined : vendorOf(format),
  };
  switch (requiredString(detail, "type", at)) {
    case "reasoning.text":
      refuseUnknown(detail, textFields, at);
      return {
        ...common,
        text: optionalString(detail, "text", at) ?? "",
        signature: optionalString(detail, "signature", at),
        data: undefined,
      };
    case "reasoning.summary":
      refuseUnknown(detail, summaryFields, at);
      return {
        ...common,
        text: requiredString(detail, "summary", at),
        signature: undefined,
        data: undefined,
      };
    case "reasoning.encrypted":
      refuseUnknown(detail, encryptedFields, at);
      return { ...common, text: "", signature: common.id, data: requiredString(detail, "data", at) };
    default:
      throw invalidRequest(
        `${at}.type`,
        "must be one of reasoning.text, reasoning.summary, reasoning.encrypted; send the details as they came",
      );
  }
}

/** Details of one index are one part; clients that gather a stream may send its pieces as they came. */
function joined(details: readonly Detail[]): readonly ReasoningPart[] {
  const parts: ReasoningPart[] = [];
  let openIndex: number | undefined;
  for (const { index, vendor, text, signature: sealed, data } of details) {
    const signature = sealed === "" ? undefined : sealed;
    const redactedData = data === "" ? undefined : data;
    if (text === "" && signature === undefined && redactedData === undefined) continue;
    const open = parts.at(-1);
    const goesOn =
      open !== undefined &&
      openIndex === index &&
      open.signature === undefined &&
      open.redactedData === undefined &&
      (open.vendor === undefined || vendor === undefined || open.vendor === vendor);
    if (goesOn) parts.pop();
    parts.push({
      type: "reasoning",
      text: goesOn ? open.text + text : text,
      signature,
      redactedData,
      vendor: vendor ?? (goesOn ? open.vendor : undefined),
    });
    openIndex = index;
  }
  return parts;
}

const extraFields = new Set(["google", "sluice"]);
const googleFields = new Set(["thought_signature"]);
const sluiceFields = new Set(["signature", "vendor"]);

/** The proof in `extra_content` of the tool call at the path `at`. */
export function toolCallProof(call: JsonObject, at: string): ToolCallProof | undefined {
  const extra = optionalObject(call, "extra_content", at);
  if (extra === undefined) return undefined;
  const field = `${at}.extra_content`;
  refuseUnknown(extra, extraFields, field);
  const google = optionalObject(extra, "google", field);
  const sluice = optionalObject(extra, "sluice", field);
  if (google !== undefined && sluice !== undefined) {
    throw invalidRequest(field, "holds google and sluice; a call has one proof, send it as it came");
  }
  if (google !== undefined) {
    refuseUnknown(google, googleFields, `${field}.google`);
    const signature = optionalString(google, "thought_signature", `${field}.google`);
    return signature === undefined ? undefined : { signature, vendor: "gemini" };
  }
  if (sluice === undefined) return undefined;
  refuseUnknown(sluice, sluiceFields, `${field}.sluice`);
  return {
    signature: requiredString(sluice, "signature", `${field}.sluice`),
    vendor: optionalString(sluice, "vendor", `${field}.sluice`),
  };
}
