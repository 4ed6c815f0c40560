// What events and whole replies have in common, from the core to protobuf. Messages are written as plain
// objects with their `$typeName`, which is all that protobuf-es asks of one: `create` costs a walk over the
// descriptor.

import { ListValueSchema, NullValue, StructSchema, type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import { create } from "@bufbuild/protobuf";
import type {
  Citation as CitationMessage,
  MediaSource as MediaSourceMessage,
  Opaque as OpaqueMessage,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { FinishReason as FinishReasonValue } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { Citation, FinishReason, OpaqueStart, PartStart } from "../../core/chat/events.ts";
import type { MediaSource } from "../../core/chat/request.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";

export const finishReasons = {
  stop: FinishReasonValue.STOP,
  length: FinishReasonValue.LENGTH,
  tool_calls: FinishReasonValue.TOOL_CALLS,
  content_filter: FinishReasonValue.CONTENT_FILTER,
  refusal: FinishReasonValue.REFUSAL,
} as const satisfies Record<FinishReason, FinishReasonValue>;

const fromCitation = ({ url, title, citedText, raw }: Citation): CitationMessage => ({
  $typeName: "sluice.v1.Citation",
  url: url ?? "",
  title: title ?? "",
  citedText: citedText ?? "",
  raw: fromJson(raw),
});

const fromOpaque = ({ vendor, type, json }: OpaqueStart): OpaqueMessage => ({
  $typeName: "sluice.v1.Opaque",
  vendor,
  type,
  json: fromJson(json),
});

const fromMediaSource = (source: MediaSource): MediaSourceMessage => ({
  $typeName: "sluice.v1.MediaSource",
  source:
    "url" in source
      ? { case: "url", value: source.url }
      : { case: "data", value: new Uint8Array(Buffer.from(source.data, "base64")) },
  mediaType: source.mediaType ?? "",
});

type WholePartMessage =
  | { case: "citation"; value: CitationMessage }
  | { case: "image"; value: MediaSourceMessage }
  | { case: "opaque"; value: OpaqueMessage };

/** A part that comes whole, which an event and a reply show in the same way. */
export function fromWholePart(
  part: Extract<PartStart, { readonly kind: WholePartMessage["case"] }>,
): WholePartMessage {
  switch (part.kind) {
    case "citation":
      return { case: "citation", value: fromCitation(part.citation) };
    case "image":
      return { case: "image", value: fromMediaSource(part.source) };
    case "opaque":
      return { case: "opaque", value: fromOpaque(part) };
  }
}

/** A vendor's JSON as google.protobuf.Value. */
export const fromJson = (json: JsonValue): Value => create(ValueSchema, { kind: kindOf(json) });

function kindOf(json: JsonValue): Value["kind"] {
  if (json === null) return { case: "nullValue", value: NullValue.NULL_VALUE };
  if (typeof json === "string") return { case: "stringValue", value: json };
  if (typeof json === "number") return { case: "numberValue", value: json };
  if (typeof json === "boolean") return { case: "boolValue", value: json };
  if (isList(json)) {
    return { case: "listValue", value: create(ListValueSchema, { values: json.map(fromJson) }) };
  }
  const fields = Object.entries(json).map(([key, value]) => [key, fromJson(value)] as const);
  return { case: "structValue", value: create(StructSchema, { fields: Object.fromEntries(fields) }) };
}

const isList = (json: JsonObject | readonly JsonValue[]): json is readonly JsonValue[] => Array.isArray(json);
