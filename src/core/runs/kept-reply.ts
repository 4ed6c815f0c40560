// A run's reply as text, so that its idempotency key gives it again.

import { readError, writeError } from "../error-json.ts";
import type { GatewayError } from "../errors.ts";
import { isJsonObject, type JsonValue, parsedJson } from "../json.ts";
import type { Utf8Bytes } from "../limits/token-estimate.ts";
import type { EventJson } from "../operation.ts";
import { type EventReader, over, PulledEvents } from "../pulled-events.ts";
import type { Numbered } from "../reply.ts";

export interface KeptReply<E> {
  readonly events: readonly E[];
  /** With what it failed after them. */
  readonly error: GatewayError | undefined;
}

/** Raised with its form. */
const version = 1;

/** Undefined: its events take more than that. */
export function writeReply<E>(
  { events, error }: KeptReply<E>,
  json: EventJson<E>,
  { maxBytes, utf8Bytes }: { readonly maxBytes: number; readonly utf8Bytes: Utf8Bytes },
): string | undefined {
  const texts: string[] = [];
  let bytes = 0;
  for (const event of events) {
    const text = JSON.stringify(json.write(event));
    bytes += utf8Bytes(text);
    if (bytes > maxBytes) return undefined;
    texts.push(text);
  }
  const failure = error === undefined ? "null" : JSON.stringify(writeError(error));
  return `{"version":${version},"error":${failure},"events":[${texts.join()}]}`;
}

/** Undefined: it is no reply that this version wrote. */
export function readReply<E>(text: string, json: EventJson<E>): KeptReply<E> | undefined {
  const reply = parsedJson(text);
  if (!isJsonObject(reply) || reply["version"] !== version || !Array.isArray(reply["events"]))
    return undefined;
  const written: readonly JsonValue[] = reply["events"];
  const events: E[] = [];
  for (const each of written) {
    const event = json.read(each);
    if (event === undefined) return undefined;
    events.push(event);
  }
  const { error: failure = null } = reply;
  if (failure === null) return { events, error: undefined };
  const error = readError(failure);
  return error === undefined ? undefined : { events, error };
}

/** The events, numbered as they were, then the end or the error. */
export class GivenReply<E extends object> extends PulledEvents<Numbered<E>> {
  #reply: KeptReply<E>;
  #next = 0;

  constructor(reply: KeptReply<E>) {
    super();
    this.#reply = reply;
  }

  pull(reader: EventReader<Numbered<E>>): void {
    const { events, error } = this.#reply;
    const sequence = this.#next;
    const event = events[sequence];
    if (event !== undefined) {
      this.#next += 1;
      reader.event(Object.assign(event, { sequence }));
      return;
    }
    this.#reply = nothing;
    if (error === undefined) reader.end();
    else reader.fail(error);
  }

  /** What has not been read is not read any more. */
  endWith(error: GatewayError): void {
    if (this.#reply !== nothing) this.#reply = { events: [], error };
  }

  async return(): Promise<IteratorResult<Numbered<E>>> {
    this.#reply = nothing;
    return over;
  }
}

const nothing: KeptReply<never> = { events: [], error: undefined };
