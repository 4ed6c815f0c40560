// Keys made of the server's secret: each purpose has its own, so that no key ever serves two. A key's id is made of
// the key, stands beside what was made with it, and tells after a change of the secret which one that was.

import { createHash, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import type { ServerSecret } from "./server-secret.ts";

export interface DerivedKey {
  readonly id: string;
  /** 256 bits. */
  readonly key: KeyObject;
}

export interface KeyRing {
  /** What new things are made with. */
  current(): DerivedKey;
  /** The key of the secret or of a previous one that has the id. */
  find(id: string): DerivedKey | undefined;
  /** Each that something may have been made with, the current one first; no secret is made for it. */
  all(): readonly DerivedKey[];
}

export function createKeyRing(secret: ServerSecret, purpose: string): KeyRing {
  const derived = new Map<string, DerivedKey>();
  const keyOf = (of: string): DerivedKey => {
    const known = derived.get(of);
    if (known !== undefined) return known;
    const bytes = Buffer.from(hkdfSync("sha256", of, "", `sluice/${purpose}`, 32));
    const id = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    const key = { id, key: createSecretKey(bytes) };
    derived.set(of, key);
    return key;
  };
  const all = (): readonly DerivedKey[] =>
    [secret.known(), ...secret.previous].filter((each) => each !== undefined).map(keyOf);
  return {
    current: () => keyOf(secret.current()),
    find: (id) => all().find((key) => key.id === id),
    all,
  };
}
