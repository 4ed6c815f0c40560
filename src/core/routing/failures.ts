// From the way targets failed, or could not be asked, to what the caller is told.

import { type FailedAttempt, GatewayError } from "../errors.ts";
import { ProviderError } from "../provider-error.ts";
import type { Target } from "../snapshot.ts";
import type { SkipCause } from "../usage/ledger.ts";

/** An attempt that failed. */
export interface FailedTry {
  readonly target: Target;
  readonly error: ProviderError;
}

/** A target that did not answer, or not to the end. */
export type TargetFailure =
  | FailedTry
  | {
      readonly target: Target;
      readonly skipped: SkipCause;
      /** Until it may be asked again, where that is known. */
      readonly opensInMs: number | undefined;
    };

/** Whatever an adapter threw, as a ProviderError. A foreign error is a fault of the adapter's. */
export function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  return new ProviderError({
    failure: "broken_reply",
    message: "The provider's adapter failed on the answer.",
    ownWords: true,
    cause: error,
  });
}

/** In words for the caller. */
export const skipMessages: Readonly<Record<SkipCause, string>> = {
  breaker_open: "It failed again and again, and is left alone for a while.",
  rate_limited: "It asked to wait, and the time is not over.",
  at_capacity: "It has as many calls as it may have at a time.",
  draining: "It is being drained and takes no new calls.",
  cannot_continue: "Its model cannot go on with an answer that another one began.",
};

function failedAttempt(failure: TargetFailure): FailedAttempt {
  const { target } = failure;
  const of = { provider: target.provider.name, model: target.model };
  if ("skipped" in failure) {
    return { ...of, failure: failure.skipped, message: skipMessages[failure.skipped] };
  }
  const { error } = failure;
  return { ...of, failure: error.failure, message: error.message, httpStatus: error.httpStatus };
}

const waitOf = (failure: TargetFailure): number | undefined =>
  "skipped" in failure ? failure.opensInMs : failure.error.retryAfterMs;

/** In whole milliseconds: who comes a fraction too early is sent away again. */
function soonest(failures: readonly TargetFailure[]): number | undefined {
  const waits = failures.flatMap((failure) => waitOf(failure) ?? []);
  return waits.length === 0 ? undefined : Math.ceil(Math.min(...waits));
}

/** Tries at one target that failed in the same way stand once: a message is cut where it gets too long. */
function listed(attempts: readonly FailedAttempt[]): string {
  const alike = new Map<string, { readonly attempt: FailedAttempt; times: number }>();
  for (const attempt of attempts) {
    const key = `${attempt.provider}/${attempt.model} ${attempt.failure} ${attempt.message}`;
    const known = alike.get(key);
    if (known === undefined) alike.set(key, { attempt, times: 1 });
    else known.times += 1;
  }
  return [...alike.values()]
    .map(({ attempt: { provider, model, failure, message }, times }) => {
      const often = times === 1 ? "" : `, ${times} times`;
      return `${provider}/${model}: ${failure}${often} (${message})`;
    })
    .join("; ");
}

const lastCause = (failures: readonly TargetFailure[]): unknown =>
  failures.findLast((failure) => "error" in failure)?.error;

/** For failures whose action is `stop`: the caller has to change the request. */
export function refusedByProvider(target: Target, error: ProviderError): GatewayError {
  const code =
    error.failure === "content_refused"
      ? "content_blocked"
      : error.httpStatus === 413
        ? "payload_too_large"
        : "invalid_request";
  return new GatewayError({
    code,
    message: `${target.provider.name} refused the request: ${error.message}`,
    attempts: [failedAttempt({ target, error })],
    cause: error,
  });
}

/** `overloaded` where nothing but our own limits stood in the way, else `all_providers_failed`. */
export function noTargetAnswered(failures: readonly TargetFailure[]): GatewayError {
  const attempts = failures.map(failedAttempt);
  const retryAfterMs = soonest(failures);
  if (failures.every((failure) => "skipped" in failure && failure.skipped === "at_capacity")) {
    return new GatewayError({
      code: "overloaded",
      message:
        "Every target of the route has as many calls as it may have at a time. Send the call again later, " +
        "or raise their `maxConcurrent`.",
      attempts,
      retryAfterMs,
    });
  }
  return new GatewayError({
    code: "all_providers_failed",
    message: `Every target of the route failed. ${listed(attempts)}`,
    attempts,
    retryAfterMs,
    cause: lastCause(failures),
  });
}

/** What the gateway itself said no to, with the attempts that were made before. */
export function refusedAfter(failures: readonly TargetFailure[], refusal: GatewayError): GatewayError {
  if (failures.length === 0) return refusal;
  const { code, message, field, retryAfterMs, cause } = refusal;
  const attempts = failures.map(failedAttempt);
  return new GatewayError({
    code,
    message: `${message} Before that: ${listed(attempts)}`,
    field,
    retryAfterMs,
    attempts,
    cause,
  });
}

export interface BrokenStream {
  /** All failures of the call, that of the stream among them. */
  readonly failures: readonly TargetFailure[];
  readonly broken: FailedTry;
  /** Why no other target was asked to go on with it. */
  readonly obstacle: string | undefined;
}

/** A stream that broke after its commit: what reached the caller stays, and is not complete. */
export function brokenStream({ failures, broken, obstacle }: BrokenStream): GatewayError {
  const { target, error } = broken;
  const sentences = [
    `The answer of ${target.provider.name}/${target.model} broke off and is not complete: ${error.message}`,
  ];
  if (obstacle !== undefined) sentences.push(`No other target could go on with it: ${obstacle}`);
  const following = failures.slice(failures.indexOf(broken) + 1);
  if (following.length > 0) {
    sentences.push(`No other target went on with it: ${listed(following.map(failedAttempt))}`);
  }
  return new GatewayError({
    code: "all_providers_failed",
    message: sentences.join(" "),
    attempts: failures.map(failedAttempt),
    retryAfterMs: soonest(failures),
    cause: error,
  });
}
