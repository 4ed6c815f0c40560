// A kept answer as JSON text for stores, with the key that it was put under, and back. What is read is trusted in
// nothing: another version, another key, a member of another type: no answer.

import type { JsonObject, JsonValue } from "../json.ts";
import type { EventJson } from "../operation.ts";
import type { OperationName } from "../operation-name.ts";
import type { Loss } from "../reply.ts";
import type { CachedAnswer } from "./answer-cache.ts";

export interface AnswerJson {
  write(key: string, answer: CachedAnswer): string;
  /** Undefined for all but what `write` gave for exactly this key. */
  read(key: string, text: string): CachedAnswer | undefined;
}

export type EventJsons = Readonly<Record<OperationName, EventJson<object>>>;

/** Raised with every change of what is written: gateways of two versions may share a store. */
const version = 1;
/** More digits are no cost. */
const costPattern = /^\d{1,30}$/;

export const createAnswerJson = (eventJsons: EventJsons): AnswerJson => ({
  write(key, answer) {
    const eventJson = eventJsons[answer.operation];
    return JSON.stringify({
      version,
      key,
      ...answer,
      events: answer.events.map((event) => eventJson.write(event)),
      costNanos: answer.costNanos === null ? null : String(answer.costNanos),
    });
  },
  read(key, text) {
    const json = parsed(text);
    if (!isObject(json) || json["version"] !== version || json["key"] !== key) return undefined;
    return answerIn(json, eventJsons);
  },
});

function answerIn(json: JsonObject, eventJsons: EventJsons): CachedAnswer | undefined {
  const { operation, provider, model, requestId, storedAtMs, freshUntilMs, staleUntilMs, bytes } = json;
  if (!isOperation(operation, eventJsons)) return undefined;
  if (!isText(provider) || !isText(model) || !isText(requestId)) return undefined;
  if (!isAmount(storedAtMs) || !isAmount(freshUntilMs) || !isAmount(staleUntilMs) || !isAmount(bytes)) {
    return undefined;
  }
  if (storedAtMs > freshUntilMs || freshUntilMs > staleUntilMs) return undefined;
  const costNanos = costIn(json["costNanos"]);
  const losses = allOf(json["losses"], lossIn);
  const events = allOf(json["events"], (event) => eventJsons[operation].read(event));
  if (costNanos === undefined || losses === undefined || events === undefined) return undefined;
  return {
    operation,
    events,
    provider,
    model,
    losses,
    costNanos,
    requestId,
    storedAtMs,
    freshUntilMs,
    staleUntilMs,
    bytes,
  };
}

function parsed(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

const isObject = (json: JsonValue | undefined): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);

const isOperation = (json: JsonValue | undefined, eventJsons: EventJsons): json is OperationName =>
  typeof json === "string" && Object.hasOwn(eventJsons, json);

const isText = (json: JsonValue | undefined): json is string => typeof json === "string";

const isAmount = (json: JsonValue | undefined): json is number => typeof json === "number" && json >= 0;

function costIn(json: JsonValue | undefined): bigint | null | undefined {
  if (json === null) return null;
  return typeof json === "string" && costPattern.test(json) ? BigInt(json) : undefined;
}

function lossIn(json: JsonValue): Loss | undefined {
  if (!isObject(json)) return undefined;
  const { field, detail } = json;
  return isText(field) && isText(detail) ? { field, detail } : undefined;
}

/** Each of them, or nothing where one is not as it should be. */
function allOf<T>(
  json: JsonValue | undefined,
  read: (each: JsonValue) => T | undefined,
): readonly T[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const all: T[] = [];
  for (const each of json) {
    const value = read(each);
    if (value === undefined) return undefined;
    all.push(value);
  }
  return all;
}
