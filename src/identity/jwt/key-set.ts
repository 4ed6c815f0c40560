// An issuer's public keys (JWKS, RFC 7517, 5), kept while they are young and fetched anew for a key that is not among
// them, which is how issuers rotate theirs. Nobody can make the gateway fetch them often.

import type { CryptoKey, JSONWebKeySet, JWSHeaderParameters } from "jose";
import type { Clock } from "../../core/clock.ts";
import { GatewayError } from "../../core/errors.ts";
import { type BoundedFetchOptions, createBoundedFetch } from "../bounded-fetch.ts";

export interface KeySetOptions extends BoundedFetchOptions {
  readonly jwksUrl: string;
  readonly clock: Clock;
  /** Hears that other keys are in force from now on. */
  readonly replaced: () => void;
}

export interface KeySet {
  /**
   * Whether what was checked with its keys may be taken as checked: they are young, or cannot be had anew, for a day at
   * most.
   */
  isInForce(): boolean;
  /**
   * Undefined: the issuer has no such key.
   * @throws GatewayError `unavailable` where it cannot be asked, and did not answer for a day where the key is known
   */
  find(header: JWSHeaderParameters): Promise<CryptoKey | undefined>;
}

const youngMs = 10 * 60_000;
/**
 * After the last good fetch. An issuer's outage is shorter; a key that was stolen, and is withdrawn where the gateway
 * cannot learn of it, must not be good without end.
 */
const believedMs = 24 * 3_600_000;
/** Between two fetches, whatever they are for. */
const cooldownMs = 30_000;

type Finder = (header: JWSHeaderParameters) => Promise<CryptoKey | undefined>;

interface Fetched {
  readonly find: Finder;
  readonly atMs: number;
}

export function createKeySet(options: KeySetOptions): KeySet {
  const { clock, jwksUrl, replaced } = options;
  const bounded = createBoundedFetch(options);
  let fetched: Fetched | undefined;
  let lastTryMs = -Infinity;
  let failure: unknown;
  let underWay: Promise<void> | undefined;

  async function fetchKeys(): Promise<void> {
    try {
      const find = await finderOf(await bounded(jwksUrl, { headers: { accept: "application/json" } }));
      fetched = { find, atMs: clock.monotonicMs() };
      failure = undefined;
      replaced();
    } catch (error) {
      failure = error;
    } finally {
      underWay = undefined;
    }
  }

  /** Resolves when nothing better can be had at the moment. */
  function refetch(): Promise<void> {
    if (underWay !== undefined) return underWay;
    if (clock.monotonicMs() - lastTryMs < cooldownMs) return Promise.resolve();
    lastTryMs = clock.monotonicMs();
    underWay = fetchKeys();
    return underWay;
  }

  const isWithin = (ms: number): boolean => fetched !== undefined && clock.monotonicMs() - fetched.atMs < ms;
  const isYoung = (): boolean => isWithin(youngMs);
  const isBelieved = (): boolean => isWithin(believedMs);
  const coolsDown = (): boolean => underWay === undefined && clock.monotonicMs() - lastTryMs < cooldownMs;

  return {
    isInForce: () => isYoung() || (isBelieved() && failure !== undefined && coolsDown()),
    async find(header) {
      if (!isYoung()) {
        const asked = refetch();
        // An issuer that has failed is not waited for where the key is known.
        if (failure === undefined || !isBelieved()) await asked;
        if (!isBelieved()) throw cannotAsk(failure);
      }
      const known = await fetched?.find(header);
      if (known !== undefined) return known;
      await refetch();
      const found = await fetched?.find(header);
      if (found === undefined && failure !== undefined) throw cannotAsk(failure);
      return found;
    },
  };
}

const cannotAsk = (cause: unknown): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message: "The keys of the token's issuer cannot be fetched at the moment. Try again.",
    retryAfterMs: cooldownMs,
    cause,
  });

async function finderOf(answer: Response): Promise<Finder> {
  if (answer.status !== 200) throw new Error(`The key set's address answers with status ${answer.status}.`);
  const parsed: unknown = await answer.json();
  if (!isKeySet(parsed)) throw new Error("The key set's address answers with no key set.");
  const { createLocalJWKSet, errors } = await import("jose");
  const find = createLocalJWKSet(parsed);
  return async (header) => {
    try {
      return await find(header);
    } catch (error) {
      // None, or several that a token without `kid` might mean; or one that is broken.
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  };
}

function isKeySet(parsed: unknown): parsed is JSONWebKeySet {
  if (typeof parsed !== "object" || parsed === null || !("keys" in parsed)) return false;
  const { keys } = parsed;
  return Array.isArray(keys) && keys.every((key) => typeof key === "object" && key !== null);
}
