// From a vendor's frames to the core's events: the one async step between the socket and the core.

import type { ProviderChatEvent, UsageTold } from "../core/chat/events.ts";
import { ProviderError } from "../core/provider-error.ts";

/** What an adapter knows of its vendor's stream: pure, it holds the state of one stream. */
export interface StreamDecoder<F> {
  /** @throws ProviderError for an error event of the vendor's, or a frame that is not of its format */
  decode(frame: F): readonly ProviderChatEvent[];
  /** True when the terminal event has been read: what follows is of no interest. */
  isComplete(): boolean;
  /**
   * The body has ended. For a vendor whose stream has no terminal event: what comes last; `isComplete` then
   * tells whether the reply is whole.
   */
  end?(): readonly ProviderChatEvent[];
  /** What the vendor has counted, if that has not been told by a `usage` event yet. */
  untoldUsage(): UsageTold | undefined;
}

type Result = IteratorResult<ProviderChatEvent, undefined>;

/** Throws `broken_reply` for a stream without its terminal event, after the usage where that is known. */
export const decodeStream = <F>(
  batches: AsyncIterable<readonly F[]>,
  decoder: StreamDecoder<F>,
): AsyncIterableIterator<ProviderChatEvent> => new DecodedStream(batches[Symbol.asyncIterator](), decoder);

/** Not an async generator: what came in one read is handed out with one promise an event. */
class DecodedStream<F> implements AsyncIterableIterator<ProviderChatEvent> {
  readonly #batches: AsyncIterator<readonly F[]>;
  readonly #decoder: StreamDecoder<F>;
  #frames: readonly F[] = [];
  #nextFrame = 0;
  #events: readonly ProviderChatEvent[] = [];
  #nextEvent = 0;
  #failure: { readonly error: unknown } | undefined;
  #over = false;
  #ended = false;

  constructor(batches: AsyncIterator<readonly F[]>, decoder: StreamDecoder<F>) {
    this.#batches = batches;
    this.#decoder = decoder;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    try {
      const result = this.#fromWhatCame();
      if (result !== undefined) return Promise.resolve(result);
    } catch (error) {
      return this.#fail(error);
    }
    return this.#batches.next().then(this.#onBatch, this.#onError);
  }

  async return(): Promise<Result> {
    this.#over = true;
    await this.#batches.return?.();
    return { done: true, value: undefined };
  }

  // A result where there is one, not a promise of it: that would take the event two turns more.
  readonly #onBatch = (batch: IteratorResult<readonly F[]>): Result | Promise<Result> => {
    if (batch.done !== true) {
      this.#frames = batch.value;
      this.#nextFrame = 0;
      try {
        return this.#fromWhatCame() ?? this.next();
      } catch (error) {
        return this.#fail(error);
      }
    }
    if (!this.#ended && this.#decoder.end !== undefined) {
      this.#ended = true;
      try {
        this.#events = this.#decoder.end();
        this.#nextEvent = 0;
      } catch (error) {
        return this.#fail(error);
      }
      if (this.#decoder.isComplete()) return this.next();
    }
    const message = "The provider's stream ended before its terminal event.";
    return this.#fail(new ProviderError({ failure: "broken_reply", message }));
  };

  readonly #onError = (error: unknown): Promise<Result> => this.#fail(error);

  /** Undefined: more has to be read. */
  #fromWhatCame(): Result | undefined {
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      this.#over = true;
      throw error;
    }
    for (;;) {
      const event = this.#over ? undefined : this.#events[this.#nextEvent];
      if (event !== undefined) {
        this.#nextEvent += 1;
        return { done: false, value: event };
      }
      if (this.#over) return { done: true, value: undefined };
      if (this.#decoder.isComplete()) {
        void this.return();
        return { done: true, value: undefined };
      }
      const frame = this.#frames[this.#nextFrame];
      if (frame === undefined) return undefined;
      this.#nextFrame += 1;
      this.#events = this.#decoder.decode(frame);
      this.#nextEvent = 0;
    }
  }

  /** What was counted goes out first, the error with the next event that is asked for. */
  #fail(error: unknown): Promise<Result> {
    if (this.#over) return Promise.reject(error);
    this.#events = [];
    this.#frames = [];
    void this.#batches.return?.();
    const usage = this.#decoder.untoldUsage();
    if (usage === undefined) {
      this.#over = true;
      return Promise.reject(error);
    }
    this.#failure = { error };
    return Promise.resolve({ done: false, value: usage });
  }
}
