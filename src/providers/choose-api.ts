// One provider over several APIs of its vendor, each with an adapter of its own.

import type { Provider } from "../core/provider.ts";
import { ProviderError } from "../core/provider-error.ts";

/**
 * A chat goes to the API that the target names, else to the usual one. Embeddings and the list of models are
 * the usual one's where it has them, else the first other's. What is needed for neither is made when a chat
 * first asks it.
 */
export function chooseApi(apis: Readonly<Record<string, () => Provider>>, usual: string): Provider {
  const made = new Map<string, Provider>();
  const adapterOf = (name: string): Provider => {
    const before = made.get(name);
    if (before !== undefined) return before;
    const create = Object.hasOwn(apis, name) ? apis[name] : undefined;
    if (create === undefined) throw unknownApi(name, Object.keys(apis));
    const adapter = create();
    made.set(name, adapter);
    return adapter;
  };
  const names = [usual, ...Object.keys(apis).filter((name) => name !== usual)];
  const first = <T>(of: (adapter: Provider) => T | undefined): T | undefined => {
    for (const name of names) {
      const found = of(adapterOf(name));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const embed = first((adapter) => adapter.embed?.bind(adapter));
  const listModels = first((adapter) => adapter.listModels?.bind(adapter));
  return {
    chat: async (request, context) => adapterOf(context.api ?? usual).chat(request, context),
    ...(embed === undefined ? {} : { embed }),
    ...(listModels === undefined ? {} : { listModels }),
    async close() {
      await Promise.all([...made.values()].map(async (adapter) => adapter.close?.()));
    },
  };
}

const unknownApi = (name: string, known: readonly string[]): ProviderError =>
  new ProviderError({
    failure: "model_unavailable",
    message: `It has no API "${name.slice(0, 80)}". There are: ${known.join(", ")}.`,
  });
