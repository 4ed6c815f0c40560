// A provider that gives embeddings as a test says; its chats are those of a scripted provider.

import type { ProviderEmbedded } from "../../src/core/embed/events.ts";
import type { EmbedRequest } from "../../src/core/embed/request.ts";
import type { AttemptContext, ProviderReply } from "../../src/core/provider.ts";
import { createScriptedProvider, type Script, type ScriptedProvider } from "./scripted-provider.ts";

export interface ScriptedEmbedder extends ScriptedProvider {
  readonly embedCalls: { readonly request: EmbedRequest; readonly context: AttemptContext }[];
  embed(request: EmbedRequest, context: AttemptContext): Promise<ProviderReply<ProviderEmbedded>>;
}

/** Large and small, of both signs, none of which a decimal of few digits could hold. */
export const vectorsOf = ({ inputs, dimensions = 3 }: EmbedRequest): ProviderEmbedded => ({
  type: "embedded",
  model: "scripted-embed-1",
  vectors: inputs.map((_, i) =>
    Float32Array.from({ length: dimensions }, (_each, j) => ((i + 1) / (j + 3)) * (j % 2 === 0 ? 1 : -1e-7)),
  ),
  usage: {
    input: { total: 4 * inputs.length, uncached: 4 * inputs.length },
    output: { total: 0, text: 0 },
    source: "reported",
  },
});

/** Without `answer` it gives `vectorsOf` the request. What `answer` throws is the provider's refusal. */
export function createScriptedEmbedder(
  answer: (request: EmbedRequest, context: AttemptContext) => ProviderEmbedded | Promise<never> = vectorsOf,
  ...scripts: readonly Script[]
): ScriptedEmbedder {
  const embedCalls: ScriptedEmbedder["embedCalls"] = [];
  return Object.assign(createScriptedProvider(...scripts), {
    embedCalls,
    async embed(request: EmbedRequest, context: AttemptContext) {
      embedCalls.push({ request, context });
      const embedded = await answer(request, context);
      return { losses: [], httpStatus: 200, events: once(embedded) };
    },
  });
}

async function* once(embedded: ProviderEmbedded) {
  yield embedded;
}
