// A new secret for a key that stays what it is; the one before may go on for a while.

import type { Administration } from "./administration.ts";
import { requireVersion } from "./administration-errors.ts";
import type { Steps } from "./administration-steps.ts";
import { aboutKey, asStoredKey, requireNotRevoked } from "./api-key-steps.ts";
import { requireEnvironment, requireHeld } from "./authority.ts";
import type { FoundKey } from "./directory-store.ts";
import { requireSeen } from "./listed-tenant.ts";
import { plannedKey } from "./planned.ts";
import { faultsOf, refuse } from "./rules/faults.ts";
import { isUuid } from "./rules/ids.ts";
import { wholeNumberFault } from "./rules/use-limits.ts";

const maxOverlapSeconds = 30 * 86_400;

export const rotatingKey =
  (steps: Steps): Administration["rotateApiKey"] =>
  async (by, id, { version: seen, overlapSeconds }) => {
    steps.permit(by, "rotateApiKey");
    const found = isUuid(id) ? await steps.ask((store) => store.keyById(id)) : undefined;
    const was = requireSeen(by, found?.apiKey, "key");
    requireEnvironment(steps, by, was.environment);
    // Who rotates a key gets to know it.
    requireHeld(steps, by, was.permissions);
    refuse(faultsOf("overlapSeconds", overlapSeconds, (seconds) => overlapFault(seconds, found)));
    requireVersion(seen, was.version);
    requireNotRevoked(was);
    const nowMs = steps.nowMs();
    const { secret, prefix, hash } = steps.secrets.newApiKey(was.environment);
    const overlaps = overlapSeconds > 0;
    const previousExpiresAtMs = overlaps ? nowMs + overlapSeconds * 1_000 : undefined;
    const before = plannedKey(was, {});
    const after = { ...before, prefix, previousExpiresAtMs };
    // Of two rotations in one overlap, what was before both is dropped.
    const previousHash = overlaps ? found?.credential.hash : undefined;
    const credential = { hash, previousHash, bcryptHash: undefined };
    const version = await steps.write(by, {
      changes: [{ type: "put_api_key", apiKey: after, credential, seen: was.version }],
      audit: [{ ...aboutKey("rotate", after), before, after, hidden: { secretChanged: true } }],
    });
    return { apiKey: await asStoredKey(steps, { ...was, ...after, updatedAtMs: nowMs, version }), secret };
  };

const lengthFault = wholeNumberFault(0, maxOverlapSeconds);

function overlapFault(seconds: number, found: FoundKey | undefined): string | undefined {
  const unfit = lengthFault(seconds);
  if (unfit !== undefined || seconds === 0 || found?.credential.hash !== undefined) return unfit;
  return "must be 0: the key was imported and has never been used here, so that it cannot go on beside another one";
}
