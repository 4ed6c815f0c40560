// Whose limits hold for a call: its tenant's and, where there is one, its key's. Both are asked, so that the tenant's
// total always holds.

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
  subjectsOf(principal, "rpm", (limits) => atLeastOne(limits?.requestsPerMinute) ?? requestsPerMinute);

export const tokenBuckets = (principal: Principal, { tokensPerMinute }: DefaultLimits): SubjectBucket[] =>
  subjectsOf(principal, "tpm", (limits) => atLeastOne(limits?.tokensPerMinute) ?? tokensPerMinute);

export const streamPlaces = (principal: Principal): SubjectPlace[] =>
  subjectsOf(principal, "streams", (limits) => limits?.concurrentStreams ?? "off");

/** A bucket that nothing comes back to would never be full again. */
const atLeastOne = (limit: number | undefined): number | undefined =>
  limit === undefined ? undefined : Math.max(1, Math.floor(limit));

function subjectsOf(
  { tenantId, apiKeyId, grants }: Principal,
  name: string,
  limitOf: (limits: UseLimits | undefined) => number | "off",
): SubjectBucket[] {
  const subjects: SubjectBucket[] = [];
  const ofTenant = limitOf(grants?.tenant.limits);
  if (ofTenant !== "off") subjects.push({ key: `${name}:{${tenantId}}`, limit: ofTenant, whose: "tenant" });
  if (apiKeyId === undefined) return subjects;
  const ofKey = limitOf(grants?.key?.limits);
  if (ofKey !== "off") {
    subjects.push({ key: `${name}:{${tenantId}}:key:${apiKeyId}`, limit: ofKey, whose: "key" });
  }
  return subjects;
}
