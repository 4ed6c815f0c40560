// Whether each provider can be reached and takes its key: by its list of models, which costs nothing.

import type { ProviderConfiguration } from "../config/configuration.ts";
import { byKey, type KeyedProvider } from "../config/keyed-provider.ts";
import type { ListedModel } from "../core/models.ts";
import type { Provider } from "../core/provider.ts";
import { ProviderError } from "../core/provider-error.ts";
import type { Check, Finding, Verdict } from "./finding.ts";

/** Kinds whose lists anybody may read: the list says nothing about the key. */
const publicLists: ReadonlySet<string> = new Set(["openrouter"]);

export function checkProviders(
  providers: readonly ProviderConfiguration[],
  createAdapter: (provider: KeyedProvider) => Provider,
): readonly Check[] {
  if (providers.length === 0) {
    const text = "None is configured: the demo upstream answers. Set a provider's key, as OPENAI_API_KEY.";
    const finding: Finding = { verdict: "warn", subject: "providers", text };
    return [{ subject: "providers", look: () => Promise.resolve([finding]) }];
  }
  return providers.flatMap((provider) =>
    byKey(provider).map((keyed, i, { length }) => {
      const key = length === 1 ? "" : `, key ${i + 1}`;
      return checkProvider(keyed, `provider ${provider.name}${key}`, createAdapter);
    }),
  );
}

function checkProvider(
  provider: KeyedProvider,
  subject: string,
  createAdapter: (provider: KeyedProvider) => Provider,
): Check {
  return {
    subject,
    async look(signal) {
      const adapter = createAdapter(provider);
      try {
        if (adapter.listModels === undefined) {
          const text = "Not checked: it has no list of models, and any other call costs money.";
          return [{ verdict: "warn", subject, text }];
        }
        return [judged(provider, subject, await adapter.listModels(signal))];
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        return [{ subject, ...explained(provider, error) }];
      } finally {
        await adapter.close?.();
      }
    },
  };
}

function judged(
  { kind, apiKey, models }: KeyedProvider,
  subject: string,
  listed: readonly ListedModel[],
): Finding {
  const said = `lists ${listed.length} ${listed.length === 1 ? "model" : "models"}`;
  // Lists name versions, as model-2026-01-01, where callers may say model.
  const absent = models.filter((model) => !listed.some(({ id }) => id.startsWith(model)));
  if (absent.length > 0) {
    const text = `It ${said}, but not ${absent.join(", ")}. Correct the model's name, unless calls of it go well.`;
    return { verdict: "warn", subject, text };
  }
  if (apiKey !== "" && publicLists.has(kind)) {
    return { verdict: "warn", subject, text: `It ${said} to anybody: its key is not checked by that.` };
  }
  const proven = apiKey === "" ? "It can be reached without a key" : "Its key is good";
  return { verdict: "ok", subject, text: `${proven}; it ${said}.` };
}

function explained(
  { baseUrl, source }: KeyedProvider,
  { failure, message, httpStatus }: ProviderError,
): { readonly verdict: Verdict; readonly text: string } {
  const status = httpStatus === undefined ? "" : ` (HTTP ${httpStatus})`;
  const place = source === "file" ? "in the file" : "in the environment";
  if (failure === "authentication") {
    return { verdict: "fail", text: `It refuses the key${status}: ${message} Correct the key ${place}.` };
  }
  if (failure === "rate_limited") {
    return { verdict: "warn", text: `It takes no more calls at the moment${status}: ${message}` };
  }
  const advice = `See that this machine reaches ${baseUrl}, and that the address ${place} is right.`;
  return { verdict: "fail", text: `It does not tell its models${status}: ${message} ${advice}` };
}
