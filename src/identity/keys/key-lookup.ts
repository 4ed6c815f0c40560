// Keys that are not held in memory: looked up once for all who send the same at the same moment, held from then on, and
// forgotten when something of them changes. Every map is bounded, whatever is sent.

import { LRUCache } from "lru-cache";
import type { Clock } from "../../core/clock.ts";
import type { ChangedEntry, DirectoryFollower } from "../../core/directory/directory-store.ts";
import { GatewayError } from "../../core/errors.ts";
import { isOfOurForm, parseApiKey } from "../api-key-format.ts";
import { AddressLimit } from "./address-limit.ts";
import { createFindKey, type FindKey, type FindKeyParts } from "./find-key.ts";
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

/** How many entries each map has. */
export type LookupSizes = Readonly<Record<"held" | "nobodys" | "underWay" | "addresses", number>>;

const heldMax = 10_000;
const nobodysMax = 10_000;
const underWayMax = 2_000;
/** Of changes that come while it is looked up. */
const maxTries = 5;

export class KeyLookup implements DirectoryFollower {
  readonly #hasApiKeys: () => boolean;
  readonly #findKey: FindKey;
  readonly #limit: AddressLimit;
  readonly #held = new LRUCache<string, KnownKey>({ max: heldMax });
  readonly #nobodys: NobodysKeys;
  readonly #underWay = new Map<string, Promise<KnownKey>>();
  #changes = 0;

  constructor(parts: KeyLookupParts) {
    this.#hasApiKeys = parts.hasApiKeys;
    this.#findKey = createFindKey(parts);
    this.#limit = new AddressLimit(parts);
    this.#nobodys = new NobodysKeys(parts.clock, nobodysMax);
  }

  sizes(): LookupSizes {
    return {
      held: this.#held.size,
      nobodys: this.#nobodys.size(),
      underWay: this.#underWay.size,
      addresses: this.#limit.size(),
    };
  }

  held(digest: string): KnownKey | undefined {
    return this.#held.get(digest);
  }

  /** @throws GatewayError `unauthenticated`, `rate_limited`, `unavailable`, `overloaded` */
  async find(sent: SentKey): Promise<KnownKey> {
    const { credential, digest, address } = sent;
    const remembered = this.#nobodys.find(digest);
    if (remembered !== undefined) throw nobodysKey[remembered];
    if (!isOfOurForm(credential)) {
      if (!this.#hasApiKeys()) throw nobodysKey.unknown;
    } else if (parseApiKey(credential) === undefined) {
      this.#limit.count(address);
      this.#nobodys.add(digest, "malformed");
      throw nobodysKey.malformed;
    }
    return this.#share(sent);
  }

  forget(changed: readonly ChangedEntry[] | "unknown"): void {
    const ids = changed === "unknown" ? changed : idsOf(changed);
    if (ids !== "unknown" && ids.api_key.size + ids.user.size + ids.tenant.size === 0) return;
    this.#changes += 1;
    if (ids === "unknown") this.#held.clear();
    else {
      const outdated = Array.from(this.#held.entries()).filter(([, key]) => isMadeOf(key, ids));
      for (const [digest] of outdated) this.#held.delete(digest);
    }
    // One that was nobody's may have been imported.
    if (ids === "unknown" || ids.api_key.size > 0) this.#nobodys.clear();
  }

  #share(sent: SentKey): Promise<KnownKey> {
    const { digest } = sent;
    const shared = this.#underWay.get(digest);
    if (shared !== undefined) return shared;
    if (this.#underWay.size >= underWayMax) throw tooManyAtATime();
    const asked = this.#lookUp(sent).finally(() => this.#underWay.delete(digest));
    this.#underWay.set(digest, asked);
    return asked;
  }

  async #lookUp(sent: SentKey): Promise<KnownKey> {
    const end = await this.#limit.enter(sent.address);
    let isNobodys = false;
    try {
      const found = await this.#findCurrent(sent);
      isNobodys = found === undefined;
      if (found === undefined) throw nobodysKey.unknown;
      return found;
    } finally {
      end({ isNobodys });
    }
  }

  /** As it is after the last change, and held from then on: what was read before it might outlive a revocation. */
  async #findCurrent({ credential, digest }: SentKey): Promise<KnownKey | undefined> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const before = this.#changes;
      const found = await this.#findKey(credential);
      if (before !== this.#changes) continue;
      if (found === undefined) this.#nobodys.add(digest, "unknown");
      else this.#held.set(digest, found);
      return found;
    }
    throw tooManyChanges();
  }
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
