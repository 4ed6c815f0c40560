// What is known of a reply, in JSON. What was left of its caller's limits is left out: it is told to that caller
// alone, and is not true later.

import { listOf, objectOf, optional, orNull } from "./json-form.ts";
import { decimal, finiteNumber, text, wholeNumber, wordOf } from "./json-values.ts";
import type { CacheStatus, Degraded, Loss, ReplyMeta } from "./reply.ts";

export const lossesForm = listOf(objectOf<Loss>({ field: text, detail: text }));

export const replyMetaForm = objectOf<Omit<ReplyMeta, "limits">>({
  requestId: text,
  correlationId: optional(text),
  provider: optional(text),
  model: optional(text),
  modelServed: optional(text),
  route: optional(text),
  attempts: wholeNumber,
  cacheStatus: wordOf<CacheStatus>({ hit: 0, semantic: 0, miss: 0, bypass: 0, stale: 0 }),
  latencyMs: optional(finiteNumber),
  costNanos: optional(orNull(decimal)),
  losses: lossesForm,
  degraded: optional(wordOf<Degraded>({ stale_answer: 0, fallback_message: 0 })),
});
