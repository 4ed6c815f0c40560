// Answers for questions of the same meaning as one that was answered before. It is asked after the exact key has missed.

import type { Clock } from "../../clock.ts";
import type { AnswerCache, CachedAnswer } from "../answer-cache.ts";
import { createEmbedInTime, type EmbedInTime, type EmbedQuestion } from "./embed-in-time.ts";
import { disagreement, disagreementOf } from "./guards.ts";
import { normalisedQuestion } from "./normalised-question.ts";
import { questionFacts } from "./question-facts.ts";
import type { SemanticPolicy } from "./semantic-policy.ts";
import { evidenceFrom, type SemanticCacheReport } from "./semantic-report.ts";
import type { SemanticCandidate, SemanticStore } from "./semantic-store.ts";
import { SemanticCounts } from "./semantic-counts.ts";
import { unitVector } from "./unit-vector.ts";
import type { VectorPlace } from "./vector-index.ts";

export interface SemanticCall {
  readonly tenantId: string;
  /** For the report. */
  readonly route: string;
  readonly asked: {
    readonly question: string;
    /** One text for all that must be equal, the model included. It may be long: its digest is kept. */
    readonly scope: string;
  };
  readonly policy: SemanticPolicy;
  /** Whether the caller may be given the answer; absent: any. */
  readonly accepts?: ((answer: CachedAnswer) => boolean) | undefined;
  /** By the policy's embedding model. */
  readonly embed: EmbedQuestion;
}

export interface SemanticFound {
  readonly answerKey: string;
  readonly answer: CachedAnswer;
  /** 1 for the same text. */
  readonly similarity: number;
}

export interface SemanticLookUp {
  /** To be given in place of a new answer. Never in shadow mode. */
  readonly serve: SemanticFound | undefined;
  /** In shadow mode: what is compared with the answer that is given. */
  readonly shadow: SemanticFound | undefined;
  readonly call: SemanticCall;
  readonly place: VectorPlace;
  /** Of the question; absent: it was not needed, or not to be had. */
  readonly vector: ArrayLike<number> | undefined;
}

export interface SemanticCache {
  /** Never rejects; it takes a caller no longer than the time for embedding and that of the answer cache. */
  lookUp(call: SemanticCall): Promise<SemanticLookUp>;
  /** After the call's own answer was put into the answer cache under this key, so that other questions find it. */
  note(lookUp: SemanticLookUp, kept: { readonly answerKey: string; readonly freshUntilMs: number }): void;
  /** In shadow mode, when the call was answered: both answers' text. */
  compare(
    lookUp: SemanticLookUp,
    answers: { readonly requestId: string; readonly given: string; readonly wouldHaveServed: string },
  ): void;
  report(): SemanticCacheReport;
  problems(): readonly string[];
  close(): Promise<void>;
}

export interface SemanticCacheOptions {
  readonly store: SemanticStore;
  readonly answers: AnswerCache;
  readonly clock: Clock;
  /** Of a long text, so that equal texts have equal ones and others have not. */
  readonly digest: (text: string) => string;
  readonly embedTimeoutMs?: number | undefined;
}

const standardEmbedTimeoutMs = 300;
/** How many of the nearest may be refused or have lost their answer. */
const candidates = 8;

export const createSemanticCache = (options: SemanticCacheOptions): SemanticCache => new Cache(options);

class Cache implements SemanticCache {
  readonly #options: SemanticCacheOptions;
  readonly #embedInTime: EmbedInTime;
  readonly #counts = new SemanticCounts();

  constructor(options: SemanticCacheOptions) {
    this.#options = options;
    const { clock, embedTimeoutMs = standardEmbedTimeoutMs } = options;
    this.#embedInTime = createEmbedInTime({ clock, timeoutMs: embedTimeoutMs });
  }

  async lookUp(call: SemanticCall): Promise<SemanticLookUp> {
    const { asked, route, policy } = call;
    const place = this.#placeOf(call);
    this.#counts.lookedUp(route);
    const sameText = this.#options.store.sameText(place, normalisedQuestion(asked.question));
    const same = sameText === undefined ? undefined : await this.#firstOf([sameText], call);
    if (same !== undefined) return this.#outcome({ call, place, vector: undefined }, same);
    const vector = await this.#vectorOf(call);
    if (vector === undefined) return this.#outcome({ call, place, vector }, undefined);
    const atLeast = policy.mode === "shadow" ? Math.min(evidenceFrom, policy.threshold) : policy.threshold;
    const near = this.#options.store.nearest(place, vector, { count: candidates, atLeast });
    this.#countRefusal(near[0], call);
    return this.#outcome({ call, place, vector }, await this.#firstOf(near, call));
  }

  note(
    { call, place, vector }: SemanticLookUp,
    { answerKey, freshUntilMs }: { readonly answerKey: string; readonly freshUntilMs: number },
  ): void {
    const unit = vector === undefined ? undefined : unitVector(vector);
    if (unit === undefined) return;
    const { store, clock } = this.#options;
    const storedAtMs = clock.epochMs();
    const { ttlSeconds } = call.policy;
    const expiresAtMs =
      ttlSeconds === undefined ? freshUntilMs : Math.min(freshUntilMs, storedAtMs + ttlSeconds * 1_000);
    if (expiresAtMs <= storedAtMs) return;
    const { question } = call.asked;
    store.add({ place, question, vector: unit, answerKey, storedAtMs, expiresAtMs });
  }

  compare(
    { call, shadow }: SemanticLookUp,
    answers: { readonly requestId: string; readonly given: string; readonly wouldHaveServed: string },
  ): void {
    if (shadow !== undefined)
      this.#counts.compared(call.route, { ...answers, similarity: shadow.similarity });
  }

  report(): SemanticCacheReport {
    return this.#counts.report();
  }

  problems(): readonly string[] {
    return this.#options.store.problems();
  }

  close(): Promise<void> {
    return this.#options.store.close();
  }

  /** Vectors of different models do not compare. */
  #placeOf({ tenantId, asked, policy }: SemanticCall): VectorPlace {
    const { provider, model } = policy.embedding;
    return { tenantId, scope: this.#options.digest(JSON.stringify([provider, model, asked.scope])) };
  }

  async #vectorOf({ asked, policy, embed, route }: SemanticCall): Promise<ArrayLike<number> | undefined> {
    const { provider, model } = policy.embedding;
    const embedder = `${provider}/${model}`;
    const embedded = await this.#embedInTime.embed({ embedder, text: asked.question, by: embed });
    if ("vector" in embedded) return embedded.vector;
    this.#counts.withoutVector(route);
    return undefined;
  }

  /** The nearest that the guards let pass and that still has its answer. */
  async #firstOf(near: readonly SemanticCandidate[], call: SemanticCall): Promise<SemanticFound | undefined> {
    if (near.length === 0) return undefined;
    const facts = questionFacts(call.asked.question);
    for (const { question, answerKey, similarity } of near) {
      const why = disagreementOf(facts, questionFacts(question));
      if (why === undefined) {
        const answer = await this.#answerOf(answerKey, call);
        if (answer !== undefined) return { answerKey, answer, similarity };
      }
    }
    return undefined;
  }

  #countRefusal(nearest: SemanticCandidate | undefined, { asked, route }: SemanticCall): void {
    if (nearest === undefined) return;
    const why = disagreement(asked.question, nearest.question);
    if (why !== undefined) this.#counts.guardRefused(route, nearest.similarity, why);
  }

  async #answerOf(answerKey: string, { tenantId, accepts }: SemanticCall): Promise<CachedAnswer | undefined> {
    const { answers, store, clock } = this.#options;
    if (!answerKey.startsWith(`${tenantId}/`)) return undefined;
    const answer = await answers.find(answerKey);
    // A store out of reach has nothing either.
    if (answer === undefined && answers.problems().length === 0) store.remove(answerKey);
    // One that is stale serves in place of an error only, for its own question.
    if (answer === undefined || answer.freshUntilMs <= clock.epochMs()) return undefined;
    return accepts === undefined || accepts(answer) ? answer : undefined;
  }

  #outcome(
    looked: Pick<SemanticLookUp, "call" | "place" | "vector">,
    found: SemanticFound | undefined,
  ): SemanticLookUp {
    const { route, policy } = looked.call;
    const isServed = policy.mode === "serve";
    if (found !== undefined) {
      if (isServed) {
        this.#counts.served(route);
        this.#options.store.touch(found.answerKey);
      } else this.#counts.wouldHit(route, found.similarity, found.similarity >= policy.threshold);
    }
    return { ...looked, serve: isServed ? found : undefined, shadow: isServed ? undefined : found };
  }
}
