// What `x-sluice-meta: 1` adds to an answer: the reply's meta, and what OpenAI's format has no place for.

import type { PartStart, Seam } from "../../core/chat/events.ts";
import type { Loss, ReplyMeta } from "../../core/reply.ts";

/** An opaque part, or a source without an address. */
export type UnplacedPart = Extract<PartStart, { readonly kind: "opaque" | "citation" }>;

/** What was told beside the answer's own members. */
export interface Unplaced {
  readonly parts: readonly UnplacedPart[];
  readonly seams?: readonly Seam[] | undefined;
}

/** `cost_nanos` is a decimal string of 10⁻⁹ US dollars, null when it is not known. */
export const sluiceJson = (meta: ReplyMeta, { parts, seams = [] }: Unplaced): object => ({
  request_id: meta.requestId,
  correlation_id: meta.correlationId,
  provider: meta.provider,
  model: meta.model,
  model_served: meta.modelServed,
  route: meta.route,
  attempts: meta.attempts,
  cache_status: meta.cacheStatus,
  degraded: meta.degraded,
  latency_ms: meta.latencyMs,
  cost_nanos: typeof meta.costNanos === "bigint" ? meta.costNanos.toString() : meta.costNanos,
  losses: lossesJson(meta.losses),
  opaque: parts.length === 0 ? undefined : parts.map(unplacedJson),
  seams: seams.length === 0 ? undefined : seams.map(seamJson),
});

export const seamJson = ({ provider, model, policy, losses }: Seam): object => ({
  provider,
  model,
  policy,
  losses: lossesJson(losses),
});

const lossesJson = (losses: readonly Loss[]): readonly object[] =>
  losses.map(({ field, detail }) => ({ field, detail }));

function unplacedJson(part: UnplacedPart): object {
  if (part.kind === "opaque") return part;
  const { title, citedText, raw } = part.citation;
  return { kind: "citation", title, cited_text: citedText, raw };
}
