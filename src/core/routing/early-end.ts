// The end of an attempt before its time: whoever waits for it hears of it at once, and does not wait for an adapter
// that does not heed its signal.

import type { GatewayError } from "../errors.ts";
import type { ProviderError } from "../provider-error.ts";

export type EndReason = GatewayError | ProviderError;

export class EarlyEnd {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  #reason: EndReason | undefined;
  #listener: ((reason: EndReason) => void) | undefined;

  constructor() {
    this.signal = this.#controller.signal;
  }

  /** Undefined: it has not come. */
  reason(): EndReason | undefined {
    return this.#reason;
  }

  /** Called once. */
  come(reason: EndReason): void {
    this.#reason = reason;
    this.#listener?.(reason);
    this.#controller.abort(reason);
  }

  /** The one who is told, at once where it has come already; replaces the one before. */
  tell(listener: (reason: EndReason) => void): void {
    this.#listener = listener;
    if (this.#reason !== undefined) listener(this.#reason);
  }

  /** The answer, or its rejection, unless the end comes first. */
  or<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.tell(reject);
      answer.then(resolve, reject);
    });
  }
}
