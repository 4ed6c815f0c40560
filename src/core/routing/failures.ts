// From the way targets failed, or could not be asked, to what the caller is told.

import { type FailedAttempt, GatewayError } from "../errors.ts";
import { ProviderError } from "../provider-error.ts";
import type { Target } from "../snapshot.ts";
import type { SkipCause } from "../usage/ledger.ts";

/** A target that did not answer. */
export type TargetFailure =
  | { readonly target: Target; readonly error: ProviderError }
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

function soonest(failures: readonly TargetFailure[]): number | undefined {
  const waits = failures.flatMap((failure) => waitOf(failure) ?? []);
  return waits.length === 0 ? undefined : Math.min(...waits);
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
  const list = attempts.map((a) => `${a.provider}/${a.model}: ${a.failure} (${a.message})`).join("; ");
  return new GatewayError({
    code: "all_providers_failed",
    message: `Every target of the route failed. ${list}`,
    attempts,
    retryAfterMs,
    cause: lastCause(failures),
  });
}

/**
 * A stream that broke after its commit: what reached the caller stays, and is not complete. The first failure is its
 * own, the others are those of targets that were to go on with it; `obstacle` is why none was asked.
 */
export function brokenStream(
  failures: readonly [TargetFailure, ...TargetFailure[]],
  obstacle?: string,
): GatewayError {
  const attempts = failures.map(failedAttempt);
  const [{ target }] = failures;
  const [broken, ...following] = attempts;
  const others = following.map((a) => `${a.provider}/${a.model}: ${a.failure} (${a.message})`);
  const more = [
    ...(obstacle === undefined ? [] : [`No other target could go on with it: ${obstacle}`]),
    ...(others.length === 0 ? [] : [`No other target went on with it: ${others.join("; ")}`]),
  ];
  const message = `The answer of ${target.provider.name}/${target.model} broke off and is not complete: ${broken?.message ?? ""}`;
  return new GatewayError({
    code: "all_providers_failed",
    message: [message, ...more].join(" "),
    attempts,
    retryAfterMs: soonest(failures),
    cause: lastCause(failures),
  });
}
