// Questions whose answers are kept, as text for Redis, and the stream that names them.

import { maxQuestionChars } from "../../core/cache/semantic/question-of.ts";
import type { SemanticEntry } from "../../core/cache/semantic/semantic-store.ts";
import { maxDimensions } from "../../core/cache/semantic/unit-vector.ts";
import type { VectorPlace } from "../../core/cache/semantic/vector-index.ts";
import { vectorForm } from "../../core/embed/vector-base64.ts";
import { parsedJson } from "../../core/json.ts";
import { holding, malformed, objectOf } from "../../core/json-form.ts";
import { text, wholeNumber } from "../../core/json-values.ts";

const time = holding(wholeNumber, (ms) => ms > 0);

const entryForm = objectOf<SemanticEntry>({
  place: objectOf<VectorPlace>({ tenantId: text, scope: text }),
  question: holding(text, ({ length }) => length <= maxQuestionChars),
  vector: holding(vectorForm, ({ length }) => length > 0 && length <= maxDimensions),
  answerKey: text,
  storedAtMs: time,
  expiresAtMs: time,
});

export const entryText = (entry: SemanticEntry): string => JSON.stringify(entryForm.write(entry));

/** Undefined where it is not whole, or not under its own key. */
export function entryOfText(json: string, key: string): SemanticEntry | undefined {
  const entry = entryForm.read(parsedJson(json));
  if (entry === malformed || entry.answerKey !== key) return undefined;
  const { place, storedAtMs, expiresAtMs } = entry;
  return key.startsWith(`${place.tenantId}/`) && storedAtMs < expiresAtMs ? entry : undefined;
}

/** An entry of the stream: that node has written the question of this answer's key. */
export interface ToldQuestion {
  readonly id: string;
  readonly node: string | undefined;
  readonly key: string | undefined;
}

export const toldFields = (node: string, key: string): readonly string[] => ["node", node, "key", key];

/** `[[stream, [[id, [name, value, …]], …]]]`, or null where there is nothing new. */
export function toldIn(reply: unknown): readonly ToldQuestion[] {
  const [stream]: readonly unknown[] = Array.isArray(reply) ? reply : [];
  const entries: unknown = Array.isArray(stream) ? stream[1] : undefined;
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown): readonly ToldQuestion[] => {
    if (!Array.isArray(entry)) return [];
    const [id, fields]: readonly unknown[] = entry;
    if (typeof id !== "string") return [];
    return [{ id, node: fieldOf(fields, "node"), key: fieldOf(fields, "key") }];
  });
}

function fieldOf(fields: unknown, name: string): string | undefined {
  if (!Array.isArray(fields)) return undefined;
  const at = fields.findIndex((field, index) => index % 2 === 0 && field === name);
  const value: unknown = at === -1 ? undefined : fields[at + 1];
  return typeof value === "string" ? value : undefined;
}
