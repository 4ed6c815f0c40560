// A kept answer as JSON text for stores, with the key that it was put under, and back. What is read is trusted in
// nothing: another version, another key, a member of another type: no answer.

import { type JsonValue, parsedJson } from "../json.ts";
import {
  holding,
  type JsonForm,
  listOf,
  malformed,
  type ObjectForm,
  objectOf,
  orNull,
} from "../json-form.ts";
import { anyJson, decimal, finiteNumber, text, wordOf } from "../json-values.ts";
import type { EventJson } from "../operation.ts";
import type { OperationName } from "../operation-name.ts";
import { lossesForm } from "../reply-json.ts";
import type { CachedAnswer } from "./answer-cache.ts";

export interface AnswerJson {
  write(key: string, answer: CachedAnswer): string;
  /** Undefined for all but what `write` gave for exactly this key. */
  read(key: string, text: string): CachedAnswer | undefined;
}

export type EventJsons = Readonly<Record<OperationName, EventJson<object>>>;

/** Which events they are is told by the operation. */
interface Stored extends Omit<CachedAnswer, "events"> {
  readonly version: typeof version;
  readonly key: string;
  readonly events: JsonValue;
}

/** Raised with every change of what is written: gateways of two versions may share a store. */
const version = 1;
/** What costs more is no cost. */
const leastNoCost = 10n ** 30n;

export function createAnswerJson(eventJsons: EventJsons): AnswerJson {
  const form = formOf(eventJsons);
  return {
    write(key, answer) {
      const events = eventsForm(eventJsons[answer.operation]).write(answer.events) ?? null;
      return JSON.stringify(form.write({ ...answer, version, key, events }));
    },
    read(key, json) {
      const stored = form.read(parsedJson(json));
      if (stored === malformed || stored.key !== key || !areInOrder(stored)) return undefined;
      const events = eventsForm(eventJsons[stored.operation]).read(stored.events);
      if (events === malformed) return undefined;
      const { version: _, key: _key, ...answer } = stored;
      return { ...answer, events };
    },
  };
}

const amount: JsonForm<number> = holding(finiteNumber, (value) => value >= 0);

const formOf = (eventJsons: EventJsons): ObjectForm<Stored> =>
  objectOf<Stored>({
    version: {
      write: (value) => value,
      read: (json) => (json === version ? version : malformed),
    },
    key: text,
    operation: wordOf<OperationName>(eventJsons),
    events: anyJson,
    provider: text,
    model: text,
    losses: lossesForm,
    costNanos: orNull(holding(decimal, (nanos) => nanos >= 0n && nanos < leastNoCost)),
    requestId: text,
    storedAtMs: amount,
    freshUntilMs: amount,
    staleUntilMs: amount,
    bytes: amount,
  });

const areInOrder = ({ storedAtMs, freshUntilMs, staleUntilMs }: Stored): boolean =>
  storedAtMs <= freshUntilMs && freshUntilMs <= staleUntilMs;

const eventsForm = (eventJson: EventJson<object>): JsonForm<readonly object[]> =>
  listOf({
    write: (event) => eventJson.write(event),
    read: (json) => (json === undefined ? undefined : eventJson.read(json)) ?? malformed,
  });
