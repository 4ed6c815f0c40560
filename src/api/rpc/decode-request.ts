// From the bytes of a request to its message, with refusals that say what is wrong.

import { type DescMessage, fromBinary, fromJsonString, type MessageShape } from "@bufbuild/protobuf";
import { fieldLimits } from "../../core/field-rules.ts";
import { GatewayError, invalidRequest } from "../../core/errors.ts";
import { jsonText, maxJsonEntries } from "../json-text.ts";
import { faultPath } from "./json-fault.ts";
import { hasMoreMessages } from "./message-count.ts";

// A level of JSON in a google.protobuf.Struct takes two levels of messages. What is deeper than the core
// allows is to be refused by the core, which names the field.
const recursionLimit = 4 * fieldLimits.jsonDepth;

/** As many as objects, lists and members in JSON. */
const maxMessages = maxJsonEntries;

/** Unknown fields are ignored, as protobuf asks. @throws GatewayError `invalid_request` */
export function decodeBinary<S extends DescMessage>(schema: S, bytes: Uint8Array): MessageShape<S> {
  if (hasMoreMessages(schema, bytes, maxMessages)) {
    throw invalidRequest("body", `holds more than ${maxMessages} messages within each other; send fewer`);
  }
  try {
    return fromBinary(schema, bytes, { recursionLimit, readUnknownFields: false });
  } catch (cause) {
    const notUtf8 = cause instanceof TypeError;
    throw refused({
      field: "body",
      what: notUtf8
        ? `a text field of ${schema.typeName} is not valid UTF-8. Encode the text as UTF-8.`
        : `cannot be read as ${schema.typeName}: ${messageOf(cause)}.`,
      cause,
    });
  }
}

/** Unknown fields are refused. @throws GatewayError `invalid_request` */
export function decodeJson<S extends DescMessage>(schema: S, bytes: Buffer): MessageShape<S> {
  const text = jsonText(bytes);
  try {
    return fromJsonString(schema, text, { recursionLimit, ignoreUnknownFields: false });
  } catch (cause) {
    throw refused({ field: fieldAtFault(schema, text), what: `${messageOf(cause)}.`, cause });
  }
}

const refused = ({ field, what, cause }: { field: string; what: string; cause: unknown }): GatewayError =>
  new GatewayError({ code: "invalid_request", field, message: `${field}: ${what}`, cause });

function fieldAtFault(schema: DescMessage, text: string): string {
  try {
    return faultPath(schema, JSON.parse(text));
  } catch {
    return "body";
  }
}

const maxMessageChars = 300;

// The library's messages quote what was sent.
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.length > maxMessageChars ? `${message.slice(0, maxMessageChars)}…` : message;
}
