// JSON and the framings of streams as bytes, without the adapters' parsers.

import { EventStreamCodec } from "@smithy/eventstream-codec";

/** In a test's JSON: a number that no double holds. */
export const beyondDoubles = "#1e400";

export const json = (value: unknown): string =>
  JSON.stringify(value).replaceAll(`"${beyondDoubles}"`, "1e400");

export const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");

/** Server-sent events; a text is sent as it is. */
export const sse = (...events: readonly unknown[]): Uint8Array =>
  bytes(events.map((event) => `data: ${typeof event === "string" ? event : json(event)}\n\n`).join(""));

export interface NamedEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** Server-sent events that are named after the `type` in them. */
export const namedSse = (...events: readonly NamedEvent[]): Uint8Array =>
  bytes(events.map((event) => `event: ${event.type}\ndata: ${json(event)}\n\n`).join(""));

export const lines = (...values: readonly unknown[]): Uint8Array =>
  bytes(values.map((value) => `${json(value)}\n`).join(""));

const codec = new EventStreamCodec(
  (data) => (typeof data === "string" ? data : Buffer.from(data).toString("utf8")),
  (text) => Buffer.from(text, "utf8"),
);

/** One message of AWS's event stream, by the encoder of the vendor's own SDK. */
export const awsMessage = (headers: Readonly<Record<string, string>>, body: unknown): Uint8Array =>
  codec.encode({
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, { type: "string", value }]),
    ),
    body: bytes(json(body)),
  });

export const awsEvent = (type: string, body: unknown): Uint8Array =>
  awsMessage({ ":message-type": "event", ":event-type": type, ":content-type": "application/json" }, body);
