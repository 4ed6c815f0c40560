import { ProviderError } from "../../src/core/provider-error.ts";
import type { FailureClass } from "../../src/core/provider-error.ts";

/** The class of the ProviderError that this throws; undefined when it throws nothing. @throws any other error */
export function failureOf(run: () => unknown): FailureClass | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof ProviderError) return error.failure;
    throw error;
  }
  return undefined;
}
