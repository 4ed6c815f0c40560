// Kept events as the reply of a call.

import type { Call } from "../call.ts";
import { EventsAtOnce } from "../events-at-once.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Reply } from "../reply.ts";
import { watchEvents } from "../watch-events.ts";
import type { CachedAnswer } from "./answer-cache.ts";
import { type AnswerSource, ServedEvents } from "./served-events.ts";

/** Of an answer that was kept of another call. */
export function givenFromCache<S extends OperationShape>(
  call: Call<S>,
  answer: CachedAnswer<S["providerEvent"]>,
): Reply<S["event"]> {
  call.account.answeredFrom({ requestId: answer.requestId, costNanos: answer.costNanos });
  return givenAgain(call, answer.events, answer);
}

/** Of events as a provider yields them: given whole or as a stream, as the call wants it. */
export function givenAgain<S extends OperationShape>(
  call: Call<S>,
  events: readonly S["providerEvent"][],
  source: AnswerSource,
): Reply<S["event"]> {
  const { operation } = call;
  const answer = new ServedEvents<S, S["providerEvent"]>({
    call,
    source,
    stamped(event, served) {
      const facts = operation.facts(event);
      if (facts?.modelServed !== undefined) served.answering.modelServed = facts.modelServed;
      if (facts?.finishReason !== undefined) served.answering.finishReason = facts.finishReason;
      return operation.stamp(operation.ownCopy?.(event) ?? event, served);
    },
  });
  const listed = new EventsAtOnce(() => Promise.resolve(events));
  return {
    meta: call.account.meta(),
    events: watchEvents<S["providerEvent"], S["event"]>(listed, answer),
  };
}
