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
      "This idempotency key was used for another request, or by a caller who is held to other models. Send the same " +
      "request as before by the same key or user, or take a new idempotency key.",
    meta: metaOfRun(runId),
  });

export const replyNotKept = (runId: string): GatewayError =>
  new GatewayError({
    code: "conflict",
    message:
      "A call with this idempotency key was answered, and its answer cannot be given again: it is too large to be " +
      "kept (IDEMPOTENCY_MAX_BYTES, RUN_LOG_MAX_BYTES), or the secret that it was kept with is gone. Its record is " +
      `that of call ${runId}; a new key asks again.`,
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

export const othersOutOfReach = (): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message:
      "The stream does not run at this gateway, and those of others cannot be found at the moment (Redis). Go on with " +
      "it a little later: there is no need to send the call again.",
    retryAfterMs: 1_000,
  });

export const notThereYet = (afterSequence: number, nextSequence: number): GatewayError =>
  invalidRequest(
    "afterSequence",
    `the stream has no event ${afterSequence} yet; ` +
      (nextSequence === 0 ? "it has none: ask for all with -1" : `the last one is ${nextSequence - 1}`),
  );

export const noLongerKept = (runId: string): GatewayError =>
  new GatewayError({
    code: "conflict",
    message:
      "The stream's events after that sequence are no longer kept (RUN_LOG_MAX_BYTES). Its record is that of call " +
      `${runId}; to have an answer, send the call again.`,
    meta: metaOfRun(runId),
  });

export const runLost = (runId: string): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message:
      "The gateway that ran this stream cannot be heard any more. What became of it tells the record of call " +
      `${runId}.`,
    meta: metaOfRun(runId),
  });
