// After the exact key has missed: gives a call the kept answer to another question of the same meaning, where its route
// says so. In shadow mode it only compares that answer with the call's own.

import { allows } from "../../access/allowed-targets.ts";
import type { SpendingOf } from "../../budgets/spendings.ts";
import type { Call } from "../../call.ts";
import { embedOperation } from "../../embed/operation.ts";
import { GatewayError } from "../../errors.ts";
import type { OperationWords } from "../../operation.ts";
import type { OperationShape } from "../../operation-shape.ts";
import type { Reply } from "../../reply.ts";
import type { AttemptPorts } from "../../routing/attempt.ts";
import { type ResolvedModel, targetOf } from "../../routing/resolve-model.ts";
import type { Place } from "../../routing/targets/target-state.ts";
import type { TargetStates } from "../../routing/targets/target-states.ts";
import type { Target } from "../../snapshot.ts";
import { untilAborted } from "../../until-aborted.ts";
import type { CachedAnswer } from "../answer-cache.ts";
import { answerKey, type Digest } from "../answer-key.ts";
import { givenFromCache } from "../given-again.ts";
import type { OnKept } from "../keeping-answer.ts";
import { EmbeddingAttempt, embeddingOf } from "./embedding-attempt.ts";
import type { EmbedQuestion } from "./embed-in-time.ts";
import type { SemanticCache, SemanticCall, SemanticLookUp } from "./semantic-cache.ts";
import type { SemanticPolicy } from "./semantic-policy.ts";

export interface SemanticPorts extends AttemptPorts {
  readonly semantic: SemanticCache;
  readonly digest: Digest;
  readonly states: TargetStates;
  /** Absent: nobody has a budget. */
  readonly spendingOf?: SpendingOf | undefined;
}

export interface AskedByMeaning<S extends OperationShape> {
  readonly call: Call<S>;
  readonly resolved: ResolvedModel;
  readonly policy: SemanticPolicy;
  /** Of the call's own answer. */
  readonly key: string;
  /** The answer, where the call may be given it. */
  readonly usable: (answer: CachedAnswer) => CachedAnswer<S["providerEvent"]> | undefined;
  /** Asks on; what comes of it is kept, and told to whoever is given. */
  readonly fly: (onKept?: OnKept<S>) => Promise<Reply<S["event"]>>;
}

export async function serveByMeaning<S extends OperationShape>(
  asked: AskedByMeaning<S>,
  ports: SemanticPorts,
): Promise<Reply<S["event"]>> {
  const { call, usable, key, fly } = asked;
  const { words } = call.operation;
  const semanticCall = words === undefined ? undefined : semanticCallOf(asked, words, ports);
  if (words === undefined || semanticCall === undefined) return fly();
  const { semantic } = ports;
  const lookUp = await untilAborted(semantic.lookUp(semanticCall), call.signal);
  const served = lookUp.serve === undefined ? undefined : usable(lookUp.serve.answer);
  if (served !== undefined) {
    call.account.cacheStatus = "semantic";
    return givenFromCache(call, served);
  }
  return fly((answer) => {
    semantic.note(lookUp, { answerKey: key, freshUntilMs: answer.freshUntilMs });
    compare({ asked, words, lookUp, semantic }, answer);
  });
}

function compare<S extends OperationShape>(
  {
    asked: { call, usable },
    words,
    lookUp,
    semantic,
  }: {
    readonly asked: AskedByMeaning<S>;
    readonly words: OperationWords<S>;
    readonly lookUp: SemanticLookUp;
    readonly semantic: SemanticCache;
  },
  answer: CachedAnswer<S["providerEvent"]>,
): void {
  const other = lookUp.shadow === undefined ? undefined : usable(lookUp.shadow.answer);
  if (other === undefined) return;
  semantic.compare(lookUp, {
    requestId: call.id,
    given: words.answered(answer.events),
    wouldHaveServed: words.answered(other.events),
  });
}

/** Undefined: it has no part in the call. */
function semanticCallOf<S extends OperationShape>(
  { call, resolved, policy, usable }: AskedByMeaning<S>,
  words: OperationWords<S>,
  ports: SemanticPorts,
): SemanticCall | undefined {
  const { operation, principal, snapshot, request } = call;
  const provider = snapshot.providers.get(policy.embedding.provider);
  if (provider === undefined) return undefined;
  const target = targetOf(provider, policy.embedding.model, snapshot.routes);
  // What a caller says goes to no provider that it may not use.
  if (!allows(principal, target)) return undefined;
  const asked = words.asked(request);
  if (asked === undefined) return undefined;
  const { question, rest } = asked;
  return {
    tenantId: principal.tenantId,
    route: resolved.route ?? "",
    // The key of the same call with nothing asked: all that can change an answer, but the question, is equal.
    asked: { question, scope: answerKey({ operation, principal, request: rest }, resolved, ports.digest) },
    policy,
    accepts: (answer) => usable(answer) !== undefined,
    embed: (text, tooLate) => embed({ call, target, text, tooLate }, ports),
  };
}

interface ToEmbed<S extends OperationShape> {
  readonly call: Call<S>;
  readonly target: Target;
  readonly text: string;
  readonly tooLate: AbortSignal;
}

/** @throws ProviderError */
async function embed<S extends OperationShape>(
  { call, target, text, tooLate }: ToEmbed<S>,
  ports: SemanticPorts,
): ReturnType<EmbedQuestion> {
  const request = embeddingOf(text, target);
  const inputTokens = embedOperation.estimate(request, ports.utf8Bytes).input;
  const refused = await ports.spendingOf?.(call)?.beforeEmbedding({ target, inputTokens });
  if (refused !== undefined || tooLate.aborted || call.signal.aborted) return "given_up";
  const place = placeAt(target, ports.states);
  if (place === undefined) return "given_up";
  try {
    return await new EmbeddingAttempt({ call, target, place, request }, ports).vector(tooLate);
  } catch (error) {
    if (error instanceof GatewayError) return "given_up";
    throw error;
  }
}

/** None where it would be a probe: those are for calls that cannot do without the target. */
function placeAt(target: Target, states: TargetStates): Place | undefined {
  const place = states.of(target).enter(target);
  if (typeof place === "string") return undefined;
  if (place.permit?.probes !== true && place.providerPermit?.probes !== true) return place;
  place.end("cancelled");
  return undefined;
}
