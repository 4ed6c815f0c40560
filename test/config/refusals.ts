// What a person is told who writes an entry in the file, or gives it to a running gateway.

import { checkProvider } from "../../src/config/check-provider.ts";
import { checkRoute } from "../../src/config/check-route.ts";
import { ConfigurationError, type ProviderConfiguration } from "../../src/config/configuration.ts";
import { kinds, load, messageOf } from "./load.ts";

/** `groq`, `openai`, and `patient`, whose connections wait for half an hour. */
const providers = {
  groq: { kind: "groq", apiKey: "k" },
  openai: { kind: "openai", apiKey: "k" },
  patient: { kind: "openai", apiKey: "k", timeouts: { firstTokenMs: 1_800_000 } },
};

export const knownProviders: readonly ProviderConfiguration[] = load({
  yaml: JSON.stringify({ providers }),
}).providers;

export interface Refusal {
  readonly inFile: string;
  readonly atRunTime: string;
}

/** Of a route `r`; there is another one, `spare`. */
export function routeRefusal(entry: unknown): Refusal {
  const spare = { targets: [{ provider: "groq", model: "m" }] };
  const given = {
    name: "r",
    source: "managed",
    entry,
    place: "input",
    providers: knownProviders,
    kinds,
    routes: ["default", "r", "spare"],
  } as const;
  return {
    inFile: messageOf({ yaml: JSON.stringify({ providers, routes: { r: entry, spare } }) }),
    atRunTime: told(() => checkRoute(given)),
  };
}

export const providerRefusal = (entry: unknown): Refusal => ({
  inFile: messageOf({ yaml: JSON.stringify({ providers: { p: entry } }) }),
  atRunTime: told(() => checkProvider({ name: "p", source: "managed", entry, place: "input", kinds })),
});

function told(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return "accepted";
}
