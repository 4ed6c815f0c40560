// What the operator knows of models, before what a table knows of them.

import type { ModelCapabilities, ModelTable } from "./models.ts";

export interface ConfiguredModel {
  /** The provider's configured name. */
  readonly provider: string;
  readonly model: string;
  /** What is undefined is left to the table. */
  readonly capabilities: ModelCapabilities;
}

export function withConfiguredModels(configured: readonly ConfiguredModel[], table: ModelTable): ModelTable {
  if (configured.length === 0) return table;
  return {
    find(query) {
      const known = table.find(query);
      const own = configured.find(
        ({ provider, model }) => provider === query.provider && model === query.model,
      );
      return own === undefined
        ? known
        : { ...known, capabilities: mergedCapabilities(own.capabilities, known?.capabilities) };
    },
  };
}

/** What `first` does not know is taken from `second`. */
export function mergedCapabilities(
  first: ModelCapabilities | undefined,
  second: ModelCapabilities | undefined,
): ModelCapabilities | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    tools: first.tools ?? second.tools,
    vision: first.vision ?? second.vision,
    reasoning: first.reasoning ?? second.reasoning,
    jsonSchema: first.jsonSchema ?? second.jsonSchema,
    prefill: first.prefill ?? second.prefill,
  };
}
