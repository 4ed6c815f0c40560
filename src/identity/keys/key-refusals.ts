// What the sender of a key that is not taken is told. Whoever sends a key that exists may know what has become of it.

import { CredentialRefusal, type RefusalReason } from "../../core/access/credential-refusal.ts";
import type { ApiKey } from "../../core/directory/entries.ts";

export type NobodysReason = "malformed" | "unknown";

/** One of each for all: under a flood of guesses, an error's stack would cost more than all the rest. */
export const nobodysKey: Readonly<Record<NobodysReason, CredentialRefusal>> = {
  malformed: new CredentialRefusal({
    reason: "malformed",
    message: "The key is mistyped or not whole: its checksum is wrong. Copy it again.",
  }),
  unknown: new CredentialRefusal({
    reason: "unknown",
    message: "The key is not known. Check it for a typing error, or ask for a new one.",
  }),
};

export const refusedKey = (
  { id, tenantId }: ApiKey,
  refusal: { readonly reason: RefusalReason; readonly message: string },
): CredentialRefusal => new CredentialRefusal({ ...refusal, tenantId, target: { type: "api_key", id } });
