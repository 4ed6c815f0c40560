// What a route gives where every provider failed: a kept answer past its time, or a fixed text.

import type { Call } from "../call.ts";
import { GatewayError } from "../errors.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Reply } from "../reply.ts";
import type { ResolvedModel } from "../routing/resolve-model.ts";
import type { CachedAnswer } from "./answer-cache.ts";
import { givenAgain, givenFromCache } from "./given-again.ts";

interface Asked<S extends OperationShape> {
  readonly call: Call<S>;
  readonly resolved: ResolvedModel;
}

/** Whose answer a fixed text is. */
const fixedSource = { provider: "sluice", model: "fallback-message", losses: [] } as const;

/** The reply of `answer`, or what stands in for it where it could be had of nobody. */
export function insteadOfError<S extends OperationShape>(
  { call, resolved: { policy } }: Asked<S>,
  stale: CachedAnswer<S["providerEvent"]> | undefined,
  answer: () => Promise<Reply<S["event"]>>,
): Promise<Reply<S["event"]>> {
  const text = policy?.fallbackMessage;
  const fixed = text === undefined ? undefined : call.operation.fixedAnswer?.(text);
  if (stale === undefined && fixed === undefined) return answer();
  return answer().catch((error: unknown) => {
    if (!(error instanceof GatewayError) || error.code !== "all_providers_failed") throw error;
    const { account } = call;
    account.standsFor = error.code;
    if (stale !== undefined) {
      account.cacheStatus = "stale";
      account.degraded = "stale_answer";
      return givenFromCache(call, stale);
    }
    if (fixed === undefined) throw error;
    account.degraded = "fallback_message";
    account.answeredFrom(undefined);
    return givenAgain(call, fixed, fixedSource);
  });
}
