// Why a run cannot be joined or read.

import { GatewayError, invalidRequest } from "../errors.ts";
import type { ReplyMeta } from "../reply.ts";

/** What is known of a run whose reply is not there. */
export const metaOfRun = (requestId: string): ReplyMeta => ({
  requestId,
  attempts: 0,
  cacheStatus: "bypass",
  losses: [],
});

export const otherRequest = (runId: string): GatewayError =>
  new GatewayError({
    code: "idempotency_mismatch",
    message:
      "This idempotency key was used for another request. Send the same request as before, or take a new key.",
    meta: metaOfRun(runId),
  });

export const replyTooLarge = (runId: string): GatewayError =>
  new GatewayError({
    code: "conflict",
    message:
      "A call with this idempotency key was answered, and its answer is too large to be given again " +
      `(IDEMPOTENCY_MAX_BYTES, RUN_LOG_MAX_BYTES). Its record is that of call ${runId}; a new key asks again.`,
    meta: metaOfRun(runId),
  });

export const runOutOfReach = (runId: string): GatewayError =>
  new GatewayError({
    code: "conflict",
    message:
      "A call with this idempotency key was begun by a gateway that has ended or cannot be reached. Whether it was " +
      `processed tells the record of call ${runId}; a new key asks again.`,
    meta: metaOfRun(runId),
  });

export const noSuchRun = (): GatewayError =>
  new GatewayError({
    code: "not_found",
    message:
      "There is no such stream to go on with: it was not resumable, is no longer kept, or is another caller's. Send " +
      "the call again.",
  });

export const notThereYet = (afterSequence: number, nextSequence: number): GatewayError =>
  invalidRequest(
    "afterSequence",
    `the stream has no event ${afterSequence} yet; the last one is ${nextSequence - 1}`,
  );

export const noLongerKept = (runId: string): GatewayError =>
  new GatewayError({
    code: "conflict",
    message:
      "The stream's events after that sequence are no longer kept (RUN_LOG_MAX_BYTES). Read its record, or send the " +
      "call again.",
    meta: metaOfRun(runId),
  });

export const runLost = (runId: string): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message: "The gateway that ran this stream cannot be heard any more. Read the call's record.",
    meta: metaOfRun(runId),
  });
