// Idempotency keys in a database that holds replies only as the server's secret seals them, whatever else of a call's
// content is kept.

import type { Clock } from "../../core/clock.ts";
import { GatewayError } from "../../core/errors.ts";
import type { IdempotencyStore } from "../../core/runs/idempotency-store.ts";
import type { KeptKeys, KeyOfRun } from "../../core/runs/kept-keys.ts";
import type { SealedText } from "../../core/managed/config-store.ts";
import type { KeyRing } from "./key-ring.ts";
import { openSealed, type SealedPlace, sealText } from "./sealed-text.ts";

/** Of the key ring. */
export const replyPurpose = "idempotent-replies/aes-256-gcm";

export interface SealedIdempotencyOptions {
  readonly kept: KeptKeys;
  readonly keys: KeyRing;
  readonly clock: Clock;
  /** Hears why the keys could not be reached: callers are not told. */
  readonly onFailure: (error: unknown) => void;
}

export function createSealedIdempotency(options: SealedIdempotencyOptions): IdempotencyStore {
  const { kept, keys, clock, onFailure } = options;

  async function reaching<T>(work: () => Promise<T>, consequence: string): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      onFailure(cause);
      throw new GatewayError({
        code: "unavailable",
        message: `The idempotency keys cannot be reached at the moment, ${consequence}.`,
        retryAfterMs: 1000,
        cause,
      });
    }
  }

  /** Undefined: it cannot be opened any more. */
  function opened(reply: SealedText, run: KeyOfRun): string | undefined {
    try {
      return openSealed(reply, placeOf(run), keys);
    } catch {
      return undefined;
    }
  }

  return {
    claim: (claim) =>
      reaching(async () => {
        // Made now, where there is none: a run whose reply could not be sealed would not have to begin.
        keys.current();
        const { tenantId, key, runId } = claim;
        const standing = await kept.claim(claim, clock.epochMs()).catch((error: unknown) => {
          // It may have got there, and only the answer been lost: then the key would be held for nobody.
          kept.release({ tenantId, key, runId }).catch(() => undefined);
          throw error;
        });
        if (standing.state !== "done") return standing;
        const { requestHash, reply } = standing;
        const run = { tenantId, key, runId: standing.runId };
        return {
          state: "done",
          requestHash,
          runId: run.runId,
          reply: reply === undefined ? undefined : opened(reply, run),
        };
      }, "so the call was not run. Try again"),
    finish: ({ reply, ...run }) =>
      reaching(
        async () =>
          kept.finish({
            ...run,
            reply: reply === undefined ? undefined : sealText(reply, placeOf(run), keys),
          }),
        "so how the call ended is not kept under its key",
      ),
    release: (run) => reaching(() => kept.release(run), "so the call's key was not freed"),
  };
}

/** Of one run: an earlier reply under the same key does not open in its place. */
const placeOf = ({ tenantId, key, runId }: KeyOfRun): SealedPlace => ({
  table: "idempotency_keys",
  row: JSON.stringify([tenantId, key, runId]),
  column: "reply_ciphertext",
});
