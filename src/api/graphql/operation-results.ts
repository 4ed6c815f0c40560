// The results of one operation as the transports hold them: the outermost iterator.

import type { ExecutionResult } from "graphql";
import { isStream } from "./shown-results.ts";
import type { Operation } from "./operation.ts";

/**
 * Begins the operation with the first `next()`. `return()` aborts it at once, also while it waits for its
 * first result or the next one: what it was given as a signal is the controller's.
 */
export class OperationResults implements AsyncIterableIterator<ExecutionResult> {
  readonly #operation: Operation;
  readonly #controller: AbortController;
  #iterator: AsyncIterator<ExecutionResult> | undefined;
  #over = false;

  constructor(operation: Operation, controller: AbortController) {
    this.#operation = operation;
    this.#controller = controller;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#over) return Promise.resolve({ done: true, value: undefined });
    return this.#iterator === undefined ? this.#first() : this.#iterator.next();
  }

  async #first(): Promise<IteratorResult<ExecutionResult>> {
    const results = await this.#operation.run();
    if (this.#over) return { done: true, value: undefined };
    if (!isStream(results)) {
      this.#over = true;
      return { done: false, value: results };
    }
    this.#iterator = results[Symbol.asyncIterator]();
    return this.#iterator.next();
  }

  return(): Promise<IteratorResult<ExecutionResult>> {
    this.#over = true;
    this.#controller.abort();
    // Not waited for: a source that waits ends by the signal alone.
    this.#iterator?.return?.().catch(() => {});
    return Promise.resolve({ done: true, value: undefined });
  }
}
