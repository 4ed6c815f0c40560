// What the cache has to do with one call, from all who may say so. The nearest that says something holds: of the time the
// call, its use case, its route, its tenant, the gateway; of the mode its use case, its route, the gateway. The gateway's
// `off` is an operator's switch: nobody else undoes it.

import type { CacheControl } from "../call.ts";
import type { RoutePolicy, Snapshot } from "../snapshot.ts";
import type { CacheMode } from "./cache-policy.ts";

export interface CacheUse {
  /** Whether a kept answer may be given, a late one in place of an error included. */
  readonly read: boolean;
  /** No provider is asked: without a kept answer there is none. */
  readonly onlyCached: boolean;
  /** 0: the answer is not kept. */
  readonly keepSeconds: number;
  /** The oldest kept answer that is wanted, a late one included. */
  readonly maxAgeSeconds: number | undefined;
  /** How long past its time a kept answer may serve in place of an error. */
  readonly staleSeconds: number;
}

export interface CacheQuestion {
  readonly snapshot: Pick<Snapshot, "cache" | "useCases">;
  readonly useCase: string | undefined;
  /** Of the call's route; absent: it has none, or one that says nothing. */
  readonly route: RoutePolicy | undefined;
  readonly tenantTtlSeconds: number | undefined;
  readonly cacheControl: CacheControl | undefined;
  /** Whether the request fixes the answer as far as a model can. */
  readonly deterministic: boolean;
}

/** Of a call that wants none but a kept answer where none is kept. */
const plainMiss: CacheUse = {
  read: false,
  onlyCached: true,
  keepSeconds: 0,
  maxAgeSeconds: undefined,
  staleSeconds: 0,
};

/** Undefined: the cache has no part in the call. */
export function cacheUseOf(question: CacheQuestion): CacheUse | undefined {
  const { cache: gateway } = question.snapshot;
  // First, as most of what a gateway without a cache would pay is what comes after.
  if (gateway === undefined || gateway.mode === "off") return withoutPart(question);
  return partOf(question, gateway) ?? withoutPart(question);
}

const withoutPart = ({ cacheControl }: CacheQuestion): CacheUse | undefined =>
  cacheControl?.mode === "only_if_cached" ? plainMiss : undefined;

function partOf(
  { snapshot, useCase, route, tenantTtlSeconds, cacheControl, deterministic }: CacheQuestion,
  gateway: NonNullable<Snapshot["cache"]>,
): CacheUse | undefined {
  if (cacheControl?.mode === "no_store") return undefined;
  const ofUseCase = useCase === undefined ? undefined : snapshot.useCases.get(useCase)?.cache;
  const ofRoute = route?.cache;
  const asked = cacheControl?.ttlSeconds;
  const mode: CacheMode = ofUseCase?.mode ?? ofRoute?.mode ?? gateway.mode;
  if (mode === "off") return undefined;
  const onlyCached = cacheControl?.mode === "only_if_cached";
  // Another call may have asked that its answer be kept.
  const mayBeKept = deterministic || (asked ?? 0) > 0 || onlyCached;
  if (mode === "deterministic" && !mayBeKept) return undefined;

  const ttlSeconds =
    asked ?? ofUseCase?.ttlSeconds ?? ofRoute?.ttlSeconds ?? tenantTtlSeconds ?? gateway.ttlSeconds;
  // Who configured 0 wants no kept answers at all; a caller says it of the answer to this call.
  if (ttlSeconds === 0 && asked === undefined) return undefined;
  const maxAgeSeconds = cacheControl?.maxAgeSeconds;
  const read = cacheControl?.mode !== "no_cache" && maxAgeSeconds !== 0;
  const keepSeconds = onlyCached ? 0 : ttlSeconds;
  if (!read && keepSeconds === 0) return undefined;
  return { read, onlyCached, keepSeconds, maxAgeSeconds, staleSeconds: ofRoute?.staleIfErrorSeconds ?? 0 };
}
