// Whose limits hold for a call: its tenant's and, where its key has one of its own, the key's. Both are asked, so that
// the tenant's total always holds; a key without one has what its tenant has. One that acts for others has its own once,
// and not for each of them.

import type { UseLimits } from "../access/grants.ts";
import type { Principal } from "../access/principal.ts";
import type { Bucket, StreamPlace } from "./limit-store.ts";

export interface DefaultLimits {
  /** `REQUESTS_PER_MINUTE` */
  readonly requestsPerMinute: number | "off";
  /** `TOKENS_PER_MINUTE` */
  readonly tokensPerMinute: number | "off";
}

interface OfSubject {
  readonly whose: "tenant" | "key";
}

export type SubjectBucket = Bucket & OfSubject;
export type SubjectPlace = StreamPlace & OfSubject;

export const requestBuckets = (principal: Principal, { requestsPerMinute }: DefaultLimits): SubjectBucket[] =>
  subjectsOf(principal, {
    name: "rpm",
    limitOf: ({ requestsPerMinute: own }) => atLeastOne(own),
    fallback: requestsPerMinute,
  });

export const tokenBuckets = (principal: Principal, { tokensPerMinute }: DefaultLimits): SubjectBucket[] =>
  subjectsOf(principal, {
    name: "tpm",
    limitOf: ({ tokensPerMinute: own }) => atLeastOne(own),
    fallback: tokensPerMinute,
  });

export const streamPlaces = (principal: Principal): SubjectPlace[] =>
  subjectsOf(principal, {
    name: "streams",
    limitOf: ({ concurrentStreams }) => concurrentStreams,
    fallback: "off",
  });

/** A bucket that nothing comes back to would never be full again. */
const atLeastOne = (limit: number | undefined): number | undefined =>
  limit === undefined ? undefined : Math.max(1, Math.floor(limit));

interface Limited {
  readonly name: string;
  /** Undefined: it has none of its own. */
  readonly limitOf: (limits: UseLimits) => number | undefined;
  /** Of a tenant that has none of its own. */
  readonly fallback: number | "off";
}

function subjectsOf(
  { tenantId, actingFrom = tenantId, apiKeyId, grants }: Principal,
  { name, limitOf, fallback }: Limited,
): SubjectBucket[] {
  const subjects: SubjectBucket[] = [];
  const ofTenant = limitOf(grants?.tenant.limits ?? {}) ?? fallback;
  if (ofTenant !== "off") subjects.push({ key: `${name}:{${tenantId}}`, limit: ofTenant, whose: "tenant" });
  const ofKey = limitOf(grants?.key?.limits ?? {});
  if (apiKeyId !== undefined && ofKey !== undefined) {
    subjects.push({ key: `${name}:{${actingFrom}}:key:${apiKeyId}`, limit: ofKey, whose: "key" });
  }
  return subjects;
}
