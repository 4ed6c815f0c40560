// The engine's results as callers may see them, whatever transport they go out by.

import type { ExecutionResult } from "graphql";
import { toShownError, toShownResult } from "./errors.ts";

export type Results = ExecutionResult | AsyncIterable<ExecutionResult>;

export const isStream = (results: Results): results is AsyncIterable<ExecutionResult> =>
  Symbol.asyncIterator in results;

export const toShown = (results: Results): Results =>
  isStream(results) ? new ShownResults(results[Symbol.asyncIterator]()) : toShownResult(results);

/** A subscription's results with their errors, and the one that ends it, fit for callers' eyes. */
class ShownResults implements AsyncIterableIterator<ExecutionResult> {
  readonly #results: AsyncIterator<ExecutionResult>;

  constructor(results: AsyncIterator<ExecutionResult>) {
    this.#results = results;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    try {
      const result = await this.#results.next();
      // Most results have no errors: they are handed on as they are.
      if (result.done === true || result.value.errors === undefined) return result;
      return { done: false, value: toShownResult(result.value) };
    } catch (error) {
      throw toShownError(error);
    }
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    await this.#results.return?.();
    return { done: true, value: undefined };
  }
}
