// Keys that are not held in memory: looked up once for all who send the same at the same moment, held from then on, and
// forgotten when something of them changes. Every map is bounded, whatever is sent.

import { LRUCache } from "lru-cache";
import type { Clock } from "../../core/clock.ts";
import type { ChangedEntry } from "../../core/directory/directory-store.ts";
import { GatewayError } from "../../core/errors.ts";
import { isOfOurForm, parseApiKey } from "../api-key-format.ts";
import { createAddressLimit } from "./address-limit.ts";
import { createFindKey, type FindKeyParts } from "./find-key.ts";
import { nobodysKey } from "./key-refusals.ts";
import { isMadeOf, type KnownKey } from "./known-key.ts";
import { NobodysKeys } from "./nobodys-keys.ts";

export interface KeyLookupParts extends FindKeyParts {
  readonly clock: Clock;
  /** Whether there is any key: while there is none, what is not of our form is not looked up. */
  readonly hasApiKeys: () => boolean;
}

export interface SentKey {
  readonly credential: string;
  /** By it keys are held: a copy of the memory gives no key away. */
  readonly digest: string;
  readonly address: string | undefined;
}

export interface KeyLookup {
  held(digest: string): KnownKey | undefined;
  /** @throws GatewayError `unauthenticated`, `rate_limited`, `unavailable`, `overloaded` */
  find(sent: SentKey): Promise<KnownKey>;
  forget(changed: readonly ChangedEntry[] | "unknown"): void;
  /** How many entries each of its maps has. */
  sizes(): Readonly<Record<"held" | "nobodys" | "underWay" | "addresses", number>>;
}

const heldMax = 10_000;
const nobodysMax = 10_000;
const underWayMax = 2_000;
/** Of changes that come while it is looked up. */
const maxTries = 5;

export function createKeyLookup(parts: KeyLookupParts): KeyLookup {
  const { clock, hasApiKeys } = parts;
  const findKey = createFindKey(parts);
  const limit = createAddressLimit({ clock });
  const held = new LRUCache<string, KnownKey>({ max: heldMax });
  const nobodys = new NobodysKeys(clock, nobodysMax);
  const underWay = new Map<string, Promise<KnownKey>>();
  let changes = 0;

  /** As it is after the last change: what was read before it might outlive a revocation. */
  async function findCurrent(credential: string): Promise<KnownKey | undefined> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const before = changes;
      const found = await findKey(credential);
      if (before === changes) return found;
    }
    throw tooManyChanges();
  }

  async function lookUp({ credential, digest, address }: SentKey): Promise<KnownKey> {
    const done = await limit.enter(address);
    let isNobodys = false;
    try {
      const found = await findCurrent(credential);
      if (found !== undefined) {
        held.set(digest, found);
        return found;
      }
      isNobodys = true;
      nobodys.add(digest, "unknown");
      throw nobodysKey.unknown;
    } finally {
      done(isNobodys);
    }
  }

  function share(sent: SentKey): Promise<KnownKey> {
    const { digest } = sent;
    const shared = underWay.get(digest);
    if (shared !== undefined) return shared;
    if (underWay.size >= underWayMax) throw tooManyAtATime();
    const asked = lookUp(sent).finally(() => {
      // After a change another one may be under way.
      if (underWay.get(digest) === asked) underWay.delete(digest);
    });
    underWay.set(digest, asked);
    return asked;
  }

  return {
    held: (digest) => held.get(digest),
    async find(sent) {
      const { credential, digest, address } = sent;
      const remembered = nobodys.find(digest);
      if (remembered !== undefined) throw nobodysKey[remembered];
      if (!isOfOurForm(credential)) {
        if (!hasApiKeys()) throw nobodysKey.unknown;
      } else if (parseApiKey(credential) === undefined) {
        limit.count(address);
        nobodys.add(digest, "malformed");
        throw nobodysKey.malformed;
      }
      return share(sent);
    },
    forget(changed) {
      const ids = changed === "unknown" ? changed : idsOf(changed);
      if (ids !== "unknown" && ids.api_key.size + ids.user.size + ids.tenant.size === 0) return;
      changes += 1;
      underWay.clear();
      if (ids === "unknown") held.clear();
      else {
        const outdated = Array.from(held.entries()).filter(([, key]) => isMadeOf(key, ids));
        for (const [digest] of outdated) held.delete(digest);
      }
      // One that was nobody's may have been imported.
      if (ids === "unknown" || ids.api_key.size > 0) nobodys.clear();
    },
    sizes: () => ({
      held: held.size,
      nobodys: nobodys.size(),
      underWay: underWay.size,
      addresses: limit.size(),
    }),
  };
}

function idsOf(changed: readonly ChangedEntry[]) {
  const ids = {
    tenant: new Set<string>(),
    user: new Set<string>(),
    api_key: new Set<string>(),
    session: new Set<string>(),
  };
  for (const { kind, id } of changed) ids[kind].add(id);
  return ids;
}

const tooManyAtATime = (): GatewayError =>
  new GatewayError({
    code: "overloaded",
    message: "Too many keys are being looked up at the moment. Try again.",
    retryAfterMs: 1_000,
  });

const tooManyChanges = (): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message: "The key changes faster than it can be looked up. Try again.",
    retryAfterMs: 1_000,
  });
