// From the way an upstream failed to what the caller is told.

import type { FailedAttempt } from "../errors.ts";
import { GatewayError } from "../errors.ts";
import { ProviderError } from "../provider-error.ts";
import type { Target } from "../snapshot.ts";

/** Whatever an adapter threw, as a ProviderError. A foreign error is a fault of the adapter's. */
export function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  return new ProviderError({
    failure: "broken_reply",
    message: "The provider's adapter failed on the answer.",
    cause: error,
  });
}

const failedAttempt = (target: Target, error: ProviderError): FailedAttempt => ({
  provider: target.provider.name,
  model: target.model,
  failure: error.failure,
  message: error.message,
  httpStatus: error.httpStatus,
});

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
    attempts: [failedAttempt(target, error)],
    cause: error,
  });
}

export function allProvidersFailed(
  failures: readonly { readonly target: Target; readonly error: ProviderError }[],
): GatewayError {
  const attempts = failures.map(({ target, error }) => failedAttempt(target, error));
  const waits = failures.flatMap(({ error }) => error.retryAfterMs ?? []);
  const list = attempts.map((a) => `${a.provider}/${a.model}: ${a.failure} (${a.message})`).join("; ");
  return new GatewayError({
    code: "all_providers_failed",
    message: `Every target of the route failed. ${list}`,
    attempts,
    retryAfterMs: waits.length === 0 ? undefined : Math.min(...waits),
    cause: failures.at(-1)?.error,
  });
}

/** A stream that broke after its commit: what reached the caller stays, and is not complete. */
export function brokenStream(target: Target, error: ProviderError): GatewayError {
  const failure = failedAttempt(target, error);
  return new GatewayError({
    code: "all_providers_failed",
    message: `The answer of ${failure.provider}/${failure.model} broke off and is not complete: ${failure.message}`,
    attempts: [failure],
    retryAfterMs: error.retryAfterMs,
    cause: error,
  });
}
