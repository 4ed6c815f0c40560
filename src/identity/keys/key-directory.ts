// API keys as credentials. A key that was used before is found in memory: a call costs no query.

import { hash } from "node:crypto";
import type { CredentialCheck } from "../../core/access/credential-check.ts";
import type { Clock } from "../../core/clock.ts";
import type { DirectoryFollower, DirectoryStore } from "../../core/directory/directory-store.ts";
import type { DirectoryWatch } from "../watch/directory-watch.ts";
import { isOfTokenForm } from "../jwt/token-shape.ts";
import { KeyLookup, type KeyLookupParts, type LookupSizes } from "./key-lookup.ts";
import { refusedKey } from "./key-refusals.ts";
import { KeyUses } from "./key-uses.ts";

export interface KeyDirectory extends CredentialCheck, DirectoryFollower {
  /** Writes when keys were used last; takes none from then on. */
  close(): Promise<void>;
  /** How many entries each of its maps has. */
  sizes(): LookupSizes;
}

export interface KeyDirectoryParts extends Omit<KeyLookupParts, "store" | "hasApiKeys"> {
  readonly store: Pick<DirectoryStore, "keyByHash" | "importedKeys" | "rehashKey" | "touchKeys">;
  readonly clock: Clock;
  /** While it hears nothing of changes, each key is looked up. */
  readonly watch: Pick<DirectoryWatch, "hasApiKeys" | "hearsChanges">;
}

export function createKeyDirectory(parts: KeyDirectoryParts): KeyDirectory {
  const { clock, watch } = parts;
  const uses = new KeyUses(parts);
  // A gateway without keys needs no room for them.
  let made: KeyLookup | undefined;
  const lookup = (): KeyLookup =>
    (made ??= new KeyLookup({ ...parts, hasApiKeys: () => watch.hasApiKeys() }));

  return {
    handles: (credential) => !isOfTokenForm(credential),
    async check(credential, { remoteAddress }) {
      const digest = hash("sha256", credential, "hex");
      const held = lookup().held(digest);
      const key =
        held !== undefined && watch.hearsChanges()
          ? held
          : await lookup().find({ credential, digest, address: remoteAddress });
      const nowMs = clock.epochMs();
      if (key.refusal !== undefined) throw refusedKey(key.apiKey, key.refusal);
      if (nowMs >= key.endsAtMs) throw refusedKey(key.apiKey, key.atItsEnd);
      uses.used(key, nowMs);
      return key.principal;
    },
    forget: (changed) => made?.forget(changed),
    close: () => uses.close(),
    sizes: () => made?.sizes() ?? { held: 0, nobodys: 0, underWay: 0, addresses: 0 },
  };
}
