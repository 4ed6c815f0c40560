// Asks a provider that is to be configured for its list of models, with each of its keys.

import type { Clock } from "../../core/clock.ts";
import { GatewayError } from "../../core/errors.ts";
import type { KindDefaults } from "../../core/kind-defaults.ts";
import type { Validation } from "../../core/managed/settings-changes.ts";
import type { ListedModel } from "../../core/models.ts";
import type { Provider } from "../../core/provider.ts";
import { ProviderError } from "../../core/provider-error.ts";
import { untilAborted } from "../../core/until-aborted.ts";
import type { ProviderConfiguration } from "../configuration.ts";
import { byKey, type KeyedProvider } from "../keyed-provider.ts";

const timeoutMs = 10_000;

export interface ValidationParts {
  readonly kinds: readonly KindDefaults[];
  readonly create: (provider: KeyedProvider) => Provider;
  readonly clock: Clock;
}

/** @throws GatewayError `invalid_request` when it does not answer, or not to its key */
export async function validateProvider(
  provider: ProviderConfiguration,
  parts: ValidationParts,
): Promise<Validation> {
  const kind = parts.kinds.find((each) => each.kind === provider.kind);
  if (kind?.listsModels !== true) {
    return { asked: false, message: `${provider.kind} has no list of models to ask for: nothing was asked.` };
  }
  const lists = await Promise.all(
    byKey(provider).map(async (keyed, i) => {
      try {
        return await listOf(keyed, parts);
      } catch (error) {
        throw refused(error, provider.apiKeys.length > 1 ? `apiKeys[${i}]` : "apiKey");
      }
    }),
  );
  const ids = new Set(lists.flat().map(({ id }) => id));
  const missing = provider.models.filter((model) => !ids.has(model));
  const but = missing.length === 0 ? "." : `; it does not name ${missing.join(", ")}.`;
  return { asked: true, message: `It answered with a list of ${ids.size} models${but}` };
}

async function listOf(
  provider: KeyedProvider,
  { create, clock }: ValidationParts,
): Promise<readonly ListedModel[]> {
  const adapter = create(provider);
  const controller = new AbortController();
  const timer = clock.setTimer(timeoutMs, () => controller.abort(late()));
  try {
    const listing = adapter.listModels?.(controller.signal) ?? Promise.resolve([]);
    return await untilAborted(listing, controller.signal);
  } finally {
    timer.cancel();
    await adapter.close?.();
  }
}

const late = () =>
  new ProviderError({ failure: "timeout", message: `It did not answer within ${timeoutMs / 1000} s.` });

function refused(error: unknown, keyField: string): GatewayError {
  const failure = error instanceof ProviderError ? error.failure : undefined;
  const field = failure === "authentication" ? keyField : "baseUrl";
  const said = error instanceof Error ? error.message : "It failed without saying why.";
  return new GatewayError({
    code: "invalid_request",
    field,
    message: `${field}: The provider did not tell its models, and nothing was changed: ${said}`,
    cause: error,
  });
}
