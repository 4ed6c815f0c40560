// Somebody else's answer as a call gives it: with its own id, time and meta, and whose answer it is.

import type { Call } from "../call.ts";
import type { Stamp } from "../operation.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Loss, ReplyMeta } from "../reply.ts";
import type { Answering } from "../usage/account.ts";
import type { Watcher } from "../watch-events.ts";

/** Whose it is. */
export interface AnswerSource {
  readonly provider: string;
  readonly model: string;
  readonly modelServed?: string | undefined;
  readonly losses: readonly Loss[];
}

export interface ServedEventsOptions<S extends OperationShape, E> {
  readonly call: Call<S>;
  readonly source: AnswerSource;
  /** A new event, which the call may number. */
  readonly stamped: (event: E, answer: ServedEvents<S, E>) => S["event"];
}

export class ServedEvents<S extends OperationShape, E> implements Watcher<E, S["event"]>, Stamp {
  /** What the call's account tells of it. */
  readonly answering: Answering;
  readonly #call: Call<S>;
  readonly #stamped: ServedEventsOptions<S, E>["stamped"];
  #committed = false;

  constructor({ call, source, stamped }: ServedEventsOptions<S, E>) {
    this.#call = call;
    this.#stamped = stamped;
    this.answering = {
      provider: source.provider,
      model: source.model,
      losses: source.losses,
      modelServed: source.modelServed,
      finishReason: undefined,
      timeToFirstTokenMs: undefined,
    };
    call.account.answeredBy(this.answering);
  }

  get callId(): string {
    return this.#call.id;
  }

  get createdAtMs(): number {
    return this.#call.createdAtMs;
  }

  get provider(): string {
    return this.answering.provider;
  }

  get model(): string {
    return this.answering.model;
  }

  meta(): ReplyMeta {
    return this.#call.account.meta(this.answering);
  }

  wholeMeta(): ReplyMeta {
    return this.#call.account.wholeMeta(this.answering);
  }

  event(served: E): S["event"] {
    const event = this.#stamped(served, this);
    if (!this.#committed && this.#call.operation.commits(event)) {
      this.#committed = true;
      if (this.#call.delivery === "streamed") {
        this.answering.timeToFirstTokenMs = this.#call.account.elapsedMs();
      }
    }
    return event;
  }

  ended(): void {}

  failed(error: unknown): unknown {
    return error;
  }

  left(): void {}
}
