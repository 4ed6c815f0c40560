// Gathers an answer as it goes by, and keeps it when it is whole.

import type { Call } from "../call.ts";
import type { Clock } from "../clock.ts";
import type { AnswerKeeper } from "../operation.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Watcher } from "../watch-events.ts";
import type { AnswerCache, CachedAnswer } from "./answer-cache.ts";
import type { CacheUse } from "./cache-use.ts";

export interface KeepingPorts {
  readonly cache: AnswerCache;
  readonly clock: Clock;
  readonly answerMaxBytes: number;
}

/** Hears of an answer that was kept. */
export type OnKept<S extends OperationShape> = (answer: CachedAnswer<S["providerEvent"]>) => void;

export class KeepingAnswer<S extends OperationShape> implements Watcher<S["event"], S["event"]> {
  readonly #kept: { readonly call: Call<S>; readonly key: string; readonly use: CacheUse };
  readonly #ports: KeepingPorts;
  readonly #keeper: AnswerKeeper<S>;
  readonly #onKept: OnKept<S> | undefined;

  constructor(
    kept: { readonly call: Call<S>; readonly key: string; readonly use: CacheUse },
    ports: KeepingPorts,
    onKept?: OnKept<S>,
  ) {
    this.#kept = kept;
    this.#ports = ports;
    this.#onKept = onKept;
    this.#keeper = kept.call.operation.keeper(kept.call.request, ports.answerMaxBytes);
  }

  event(event: S["event"]): S["event"] {
    this.#keeper.add(event);
    if (this.#kept.call.operation.ends(event)) this.#keep();
    return event;
  }

  ended(): void {}

  failed(error: unknown): unknown {
    return error;
  }

  left(): void {}

  #keep(): void {
    const kept = this.#keeper.kept();
    const { call, key, use } = this.#kept;
    const { provider, model, losses, answeringNanos: costNanos } = call.account.sum();
    if (kept === undefined || provider === undefined || model === undefined) return;
    const storedAtMs = this.#ports.clock.epochMs();
    const freshUntilMs = storedAtMs + use.keepSeconds * 1_000;
    const answer: CachedAnswer<S["providerEvent"]> = {
      operation: call.operation.name,
      events: kept.events,
      provider,
      model,
      losses,
      costNanos,
      requestId: call.id,
      storedAtMs,
      freshUntilMs,
      staleUntilMs: freshUntilMs + use.staleSeconds * 1_000,
      bytes: kept.bytes,
    };
    this.#ports.cache.put(key, answer);
    this.#onKept?.(answer);
  }
}
