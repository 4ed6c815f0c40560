// A question whose answer is kept, as text for Redis.

import { maxQuestionChars } from "../../core/cache/semantic/question-of.ts";
import type { SemanticEntry } from "../../core/cache/semantic/semantic-store.ts";
import { maxDimensions } from "../../core/cache/semantic/unit-vector.ts";

/** The vector in base64, as single-precision numbers, the lowest byte first. */
export function entryText({
  place,
  question,
  vector,
  answerKey,
  storedAtMs,
  expiresAtMs,
}: SemanticEntry): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4);
  const { tenantId, scope } = place;
  return JSON.stringify({
    tenantId,
    scope,
    question,
    answerKey,
    storedAtMs,
    expiresAtMs,
    vector: bytes.toString("base64"),
  });
}

/** Undefined where it is not whole, or not under its own key. */
export function entryOfText(text: string, key: string): SemanticEntry | undefined {
  const members = membersOf(text);
  const { tenantId, scope, question, answerKey, storedAtMs, expiresAtMs, vector } = members;
  if (typeof tenantId !== "string" || typeof scope !== "string" || typeof question !== "string")
    return undefined;
  if (question.length > maxQuestionChars || answerKey !== key || !key.startsWith(`${tenantId}/`))
    return undefined;
  if (!isTime(storedAtMs) || !isTime(expiresAtMs) || expiresAtMs <= storedAtMs) return undefined;
  const values = typeof vector === "string" ? vectorOf(vector) : undefined;
  if (values === undefined) return undefined;
  return { place: { tenantId, scope }, question, vector: values, answerKey: key, storedAtMs, expiresAtMs };
}

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? Object.fromEntries(Object.entries(parsed)) : {};
  } catch {
    return {};
  }
}

function vectorOf(base64: string): Float32Array | undefined {
  const bytes = Buffer.from(base64, "base64");
  const dimensions = bytes.length / 4;
  if (!Number.isInteger(dimensions) || dimensions === 0 || dimensions > maxDimensions) return undefined;
  return Float32Array.from({ length: dimensions }, (_, at) => bytes.readFloatLE(at * 4));
}
