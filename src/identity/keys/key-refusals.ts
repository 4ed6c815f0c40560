// What the sender of a key that is not taken is told. Whoever sends a key that exists may know what has become of it.

import { CredentialRefusal, type RefusalReason } from "../../core/access/credential-refusal.ts";
import type { ApiKey } from "../../core/directory/entries.ts";

export type NobodysReason = "malformed" | "unknown";

const nobodysWords: Readonly<Record<NobodysReason, string>> = {
  malformed: "The key is mistyped or not whole: its checksum is wrong. Copy it again.",
  unknown: "The key is not known. Check it for a typing error, or ask for a new one.",
};

export const nobodysKey = (reason: NobodysReason): CredentialRefusal =>
  new CredentialRefusal({ reason, message: nobodysWords[reason] });

export const refusedKey = (
  { id, tenantId }: ApiKey,
  refusal: { readonly reason: RefusalReason; readonly message: string },
): CredentialRefusal => new CredentialRefusal({ ...refusal, tenantId, target: { type: "api_key", id } });
