// What `x-sluice-meta: 1` adds to an answer: the reply's meta, and parts that OpenAI's format has no place for.

import type { PartStart } from "../../core/chat/events.ts";
import type { ReplyMeta } from "../../core/reply.ts";

/** An opaque part, or a source without an address. */
export type UnplacedPart = Extract<PartStart, { readonly kind: "opaque" | "citation" }>;

/** `cost_nanos` is a decimal string of 10⁻⁹ US dollars, null when it is not known. */
export const sluiceJson = (meta: ReplyMeta, unplaced: readonly UnplacedPart[]): object => ({
  request_id: meta.requestId,
  correlation_id: meta.correlationId,
  provider: meta.provider,
  model: meta.model,
  model_served: meta.modelServed,
  route: meta.route,
  attempts: meta.attempts,
  cache_status: meta.cacheStatus,
  latency_ms: meta.latencyMs,
  cost_nanos: typeof meta.costNanos === "bigint" ? meta.costNanos.toString() : meta.costNanos,
  losses: meta.losses.map(({ field, detail }) => ({ field, detail })),
  opaque: unplaced.length === 0 ? undefined : unplaced.map(unplacedJson),
});

function unplacedJson(part: UnplacedPart): object {
  if (part.kind === "opaque") return part;
  const { title, citedText, raw } = part.citation;
  return { kind: "citation", title, cited_text: citedText, raw };
}
