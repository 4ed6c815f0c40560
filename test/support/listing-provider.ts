// A provider whose list of models a test hands out by hand.

import type { ListedModel } from "../../src/core/models.ts";
import type { Provider } from "../../src/core/provider.ts";
import type { ConfiguredProvider } from "../../src/core/snapshot.ts";
import { createScriptedProvider, textScript } from "./scripted-provider.ts";

export interface ListRequest {
  readonly signal: AbortSignal;
  readonly answer: (models: readonly ListedModel[]) => void;
  readonly fail: (error: Error) => void;
}

export interface ListingProvider extends Provider {
  /** In the order in which they came. */
  readonly requests: ListRequest[];
}

/** Answers a chat with "Hello". */
export function createListingProvider(): ListingProvider {
  const requests: ListRequest[] = [];
  return {
    ...createScriptedProvider(textScript("Hello")),
    requests,
    listModels(signal) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly ListedModel[]>();
      requests.push({ signal, answer: resolve, fail: reject });
      return promise;
    },
  };
}

export const configuredProvider = (
  adapter: Provider,
  over: Partial<Omit<ConfiguredProvider, "adapter">> = {},
): ConfiguredProvider => ({
  name: "mine",
  kind: "mine",
  source: "file",
  priority: 0,
  baseUrl: "http://mine.test",
  models: [],
  ...over,
  adapter,
});
