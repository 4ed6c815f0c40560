// The targets of a call, with the providers' own lists of models where the configuration does not know one.

import type { ModelLists } from "../model-lists.ts";
import type { Snapshot } from "../snapshot.ts";
import { type AskedModel, type ResolvedModel, resolveConfigured, resolveModel } from "./resolve-model.ts";

/**
 * Waits for lists that were never asked for. A list that is merely old serves while it is asked for again, so
 * that a slow provider does not hold up the calls of others.
 * @throws GatewayError `invalid_request` that names what could have been meant
 */
export async function findTargets(
  snapshot: Snapshot,
  asked: AskedModel,
  lists: ModelLists,
): Promise<ResolvedModel> {
  const configured = resolveConfigured(snapshot, asked);
  if (configured !== undefined) return configured;
  const providers = [...snapshot.providers.values()];
  const asking = providers.map((provider) => ({ provider, list: lists.of(provider) }));
  await Promise.all(
    asking.map(({ provider, list }) => (lists.known(provider) === undefined ? list : Promise.resolve([]))),
  );
  return resolveModel(snapshot, asked, (provider, model) => lists.known(provider)?.ids.has(model) ?? false);
}
