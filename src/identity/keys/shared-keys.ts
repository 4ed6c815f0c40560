// Keys that one gateway has looked up, for the others: between what a gateway holds in memory and the database, so that
// those that start, or many at a time, do not all ask it. What is kept is found by the key's hash and says what the
// database said; nobody can read, make or move it without the server's secret, and it is good for a minute.
//
// A key that was revoked must not come back from here. What is kept says by which version of the directory it was found:
// its gateway had seen that version before it asked the database, which therefore answered with every change by then.
// It is believed only while nothing that the key is made of (it, its user, its tenant) has changed since
//   1. by all that this gateway has seen: so it knows as much as if it had just asked the database itself and then held
//      the answer, and forgets it with the next change, as it would;
//   2. by all that any gateway has seen and marked here. Whoever changes something looks at once and marks it before the
//      change is answered: others know it even before they look themselves.
// What was found before a change and is written after it, by a gateway that is slow, is of an earlier version, and the
// mark outlasts it. Somebody who can write here, and so take marks away, gains what they could by delaying the look of
// a gateway: nothing beyond it, as 1. holds without any mark; and what was kept longer than a minute ago is refused.

import { createHmac } from "node:crypto";
import { openSealed, sealText } from "../../config/secret/sealed-text.ts";
import type { KeyRing } from "../../config/secret/key-ring.ts";
import type { Clock } from "../../core/clock.ts";
import type {
  ChangedEntry,
  ChangeMarker,
  DirectoryStore,
  FoundKey,
} from "../../core/directory/directory-store.ts";
import type { SharedKeyStore } from "../../core/directory/shared-key-store.ts";
import type { DirectoryWatch } from "../watch/directory-watch.ts";
import { type KeptKey, keptKeyIn, textOf } from "./found-key-text.ts";
import { isKeyPart, type KeyPart, nameOfPart, SeenChanges } from "./seen-changes.ts";

export interface SharedKeysParts {
  readonly shared: SharedKeyStore;
  readonly store: Pick<DirectoryStore, "changesSince">;
  readonly watch: Pick<DirectoryWatch, "version" | "hearsChanges">;
  /** For `sharedKeyPurpose`. */
  readonly keys: KeyRing;
  /** Names the database: of another one nothing is believed. */
  readonly database: string;
  readonly clock: Clock;
}

/** As what is read from the database from now on will be found. */
export interface AsOf {
  readonly version: number;
  readonly epochMs: number;
}

export interface SharedKeys extends ChangeMarker {
  /** Learns what has changed lately: before that nothing is believed. Rejects with what the store says. */
  start(): Promise<void>;
  /** Undefined: it has to be asked for. Never rejects. */
  find(hash: string): Promise<FoundKey | undefined>;
  /** Before the database is asked. */
  asOf(): AsOf;
  /** What the database said. */
  keep(hash: string, found: FoundKey, asOf: AsOf): void;
}

export const sharedKeyPurpose = "shared-api-key";

const keepMs = 60_000;
/** So much may the clocks of two gateways differ before they believe each other nothing. */
const clockSkewMs = 10_000;
/** Outlasts whatever was found before it. */
const markMs = 3 * keepMs;
/**
 * How many versions back it is asked at the start what has changed since: of each entry it is known by that, about, when
 * it changed last.
 */
const historyBack = [1_024, 256, 64, 16, 4, 1];
/** More at once are marked as everything. */
const marksMax = 500;
const everything = "everything";

export function createSharedKeys(parts: SharedKeysParts): SharedKeys {
  const { shared, store, watch, keys, database, clock } = parts;
  const seen = new SeenChanges();

  const nameOf = (hash: string): string =>
    createHmac("sha256", keys.current().key)
      .update(JSON.stringify([database, hash]))
      .digest("base64url");

  function opened(text: string, name: string): KeptKey | undefined {
    try {
      const [keyId = "", nonce = "", ciphertext = ""] = text.split(".");
      const sealed = { keyId, nonce: bytesOf(nonce), ciphertext: bytesOf(ciphertext) };
      return keptKeyIn(openSealed(sealed, placeOf(name), keys));
    } catch {
      return undefined;
    }
  }

  /** Not yet, and not of a clock that is far ahead. */
  function isOfNow({ untilMs }: KeptKey): boolean {
    const leftMs = untilMs - clock.epochMs();
    return leftMs > 0 && leftMs <= keepMs + clockSkewMs;
  }

  async function find(hash: string): Promise<FoundKey | undefined> {
    if (!watch.hearsChanges()) return undefined;
    const name = nameOf(hash);
    const text = await shared.read(name);
    const kept = text === undefined ? undefined : opened(text, name);
    if (kept === undefined || !isOfNow(kept)) return undefined;
    // Of what this gateway has not seen yet; or the database was restored, and what has changed since has lower versions.
    if (kept.version > watch.version()) return undefined;
    const parts = partsOf(kept.found);
    const marked = await shared.newestMark([everything, ...parts.map(nameOfPart)]);
    if (marked === undefined || kept.version < marked) return undefined;
    return kept.version < seen.newestOf(parts) ? undefined : kept.found;
  }

  return {
    async start() {
      const now = watch.version();
      const sinces = historyBack.map((back) => Math.max(0, now - back));
      for (const [index, since] of sinces.entries()) {
        const { version, changed } = await store.changesSince(since);
        seen.begin(since);
        // What has changed after the next one too is noted again.
        seen.note(partsIn(changed), sinces[index + 1] ?? version);
      }
    },
    find,
    asOf: () => ({ version: watch.version(), epochMs: clock.epochMs() }),
    keep(hash, found, { version, epochMs }) {
      const name = nameOf(hash);
      const text = textOf({ found, version, untilMs: epochMs + keepMs });
      const { keyId, nonce, ciphertext } = sealText(text, placeOf(name), keys);
      shared.write(name, [keyId, textOfBytes(nonce), textOfBytes(ciphertext)].join("."), keepMs);
    },
    mark(changed, version) {
      const parts = partsIn(changed);
      seen.note(parts, version);
      const areTooMany = parts === "unknown" || parts.length > marksMax;
      return shared.mark(areTooMany ? [everything] : parts.map(nameOfPart), version, markMs);
    },
  };
}

const partsIn = (changed: readonly ChangedEntry[] | "unknown"): readonly KeyPart[] | "unknown" =>
  changed === "unknown" ? changed : changed.filter(isKeyPart);

/** What it says is of these, also where they are gone. */
const partsOf = ({ apiKey: { id, tenantId, userId } }: FoundKey): readonly KeyPart[] => [
  { kind: "api_key", id },
  { kind: "tenant", id: tenantId },
  ...(userId === undefined ? [] : [{ kind: "user", id: userId } as const]),
];

const placeOf = (name: string) => ({ table: "shared keys", row: name, column: "found" });

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "base64url");
const textOfBytes = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
