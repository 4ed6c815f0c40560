// One request and its answer on a connection of undici's: a handler of our own, because a Readable and what
// undici builds around it cost more than all else on a call's way.

import type { Dispatcher } from "undici";
import { ProviderError } from "../../core/provider-error.ts";
import { type EventReader, type PulledEvents, pulledEvents } from "../../core/pulled-events.ts";
import { bodyError, requestError } from "./network-error.ts";
import type { Framing, UpstreamAnswer } from "./upstream.ts";

type Controller = Dispatcher.DispatchController;

/** A stream may be longer than a whole answer, for each token comes wrapped in JSON; but not without end. */
const answersAStream = 8;

/** What a stalled reader lets wait here; more stays in the socket. */
const queueBytes = 16_384;

/** What of it is made into text at a time. */
const stepBytes = 4_096;

/** Ends a request that nobody wants any more; nobody sees it. */
const leftError = new Error("the reader left");

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

export class Exchange implements Dispatcher.DispatchHandler, UpstreamAnswer {
  /** Resolves with the status and headers. */
  readonly answered: Promise<UpstreamAnswer>;
  status = 0;
  headers: Readonly<Record<string, string>> = {};
  /** Gone when the body was read: a connection holds its last exchange, and should hold no call with it. */
  #signal: AbortSignal | undefined;
  readonly #maxBytes: number;
  #resolve: ((answer: UpstreamAnswer) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #controller: Controller | undefined;
  #chunks: Buffer[] = [];
  #waitingBytes = 0;
  #queueBytes = queueBytes;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal, maxBytes: number) {
    this.#signal = signal;
    this.#maxBytes = maxBytes;
    this.answered = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => {
    this.#close(this.#signal?.reason);
  };

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#failure !== undefined) controller.abort(leftError);
  }

  onResponseStart(controller: Controller, status: number, headers: HeaderFields): void {
    // 1xx: the answer itself is still to come.
    if (status < 200) return;
    this.status = status;
    this.headers = joined(headers);
    // The same once more, as buffers, which undici would keep as long as the answer streams.
    controller.rawHeaders = null;
    this.#resolve?.(this);
    this.#resolve = undefined;
    this.#reject = undefined;
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#failure !== undefined) return;
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= this.#queueBytes) controller.pause();
    this.#wake?.();
  }

  onResponseEnd(): void {
    this.#ended = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#wake?.();
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (this.#ended) return;
    this.#fail(this.#reject === undefined ? bodyError(error) : requestError(error));
  }

  async text(maxBytes = this.#maxBytes): Promise<string> {
    this.#refuseEncoding();
    // Nothing is taken out until all has come, so the limit is what stops it.
    this.#queueBytes = Number.POSITIVE_INFINITY;
    this.#controller?.resume();
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#waitingBytes > maxBytes) {
        throw this.#close(broken(`is longer than ${maxBytes} bytes`));
      }
      if (this.#ended) {
        this.#signal = undefined;
        return this.#decode();
      }
      await this.#change();
    }
  }

  frames<F>(framing: Framing<F>): PulledEvents<readonly F[]> {
    this.#refuseEncoding();
    const parser = framing.createParser({ maxFrameBytes: this.#maxBytes });
    let over = false;
    let bytesLeft = answersAStream * this.#maxBytes;

    /** What has come, parsed; undefined: the next chunk has to be waited for. */
    const come = (): IteratorResult<readonly F[]> | undefined => {
      for (;;) {
        if (this.#signal?.aborted === true) throw this.#signal.reason;
        const chunk = this.#takeStep();
        if (chunk === undefined) {
          if (this.#failure !== undefined) return this.#stopped(this.#failure.error);
          if (!this.#ended) return undefined;
          this.#signal = undefined;
          const last = over ? [] : parser.end();
          over = true;
          return last.length > 0 ? { done: false, value: last } : { done: true, value: undefined };
        }
        bytesLeft -= chunk.length;
        if (bytesLeft < 0)
          throw this.#close(broken(`streams more than ${answersAStream * this.#maxBytes} bytes`));
        let frames: readonly F[];
        try {
          frames = parser.push(chunk);
        } catch (error) {
          throw this.#close(error);
        }
        if (frames.length > 0) return { done: false, value: frames };
      }
    };

    let waiting: EventReader<readonly F[]> | undefined;
    const look = (): void => {
      const reader = waiting;
      if (reader === undefined) return;
      this.#wake = undefined;
      let result: IteratorResult<readonly F[]> | undefined;
      try {
        result = come();
      } catch (error) {
        waiting = undefined;
        reader.fail(error);
        return;
      }
      if (result === undefined) {
        this.#wake = look;
        return;
      }
      waiting = undefined;
      if (result.done === true) reader.end();
      else reader.event(result.value);
    };
    return pulledEvents({
      pull(reader) {
        waiting = reader;
        look();
      },
      leave: () => {
        over = true;
        this.#close(leftError);
      },
    });
  }

  #stopped(error: unknown): IteratorResult<never> {
    if (error === leftError) return { done: true, value: undefined };
    throw error;
  }

  /** At most so much of what has come, that little text waits for a reader who is slow. */
  #takeStep(): Buffer | undefined {
    const chunk = this.#chunks[0];
    if (chunk === undefined || chunk.length <= stepBytes) return this.#take();
    this.#chunks[0] = chunk.subarray(stepBytes);
    this.#waitingBytes -= stepBytes;
    return chunk.subarray(0, stepBytes);
  }

  #take(): Buffer | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#waitingBytes -= chunk.length;
    // Not before all is taken: undici copies what it holds back at every resume, and reads on meanwhile.
    if (this.#controller?.paused === true && this.#waitingBytes === 0) this.#controller.resume();
    return chunk;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  /** Ends the exchange for a reason of our own. Gives the reason back, to be thrown. */
  #close(error: unknown): unknown {
    // Where an error is kept, its stack keeps this exchange: the answer must not be kept with it.
    this.#chunks = [];
    this.#waitingBytes = 0;
    if (this.#ended || this.#failure !== undefined) return error;
    this.#fail(error);
    this.#controller?.abort(leftError);
    return error;
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#reject?.(error);
    this.#resolve = undefined;
    this.#reject = undefined;
    this.#wake?.();
  }

  #decode(): string {
    const chunks = this.#chunks;
    this.#chunks = [];
    const [first] = chunks;
    if (first === undefined) return "";
    try {
      return strictUtf8.decode(chunks.length === 1 ? first : Buffer.concat(chunks));
    } catch (cause) {
      throw broken("is not UTF-8", cause);
    }
  }

  /** We ask for none: undici hands out the bytes as they come. */
  #refuseEncoding(): void {
    const encoding = this.headers["content-encoding"];
    if (encoding === undefined || encoding === "" || encoding === "identity") return;
    throw this.#close(broken("is compressed, though that was not asked for"));
  }
}

type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>;

function joined(fields: HeaderFields): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return headers;
}

const broken = (detail: string, cause?: unknown): ProviderError =>
  new ProviderError({
    failure: "broken_reply",
    message: `The provider's answer ${detail}.`,
    ownWords: true,
    cause,
  });
