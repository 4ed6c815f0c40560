// From what the caller wrote as `model` to the targets that may serve the call.

import { GatewayError } from "../errors.ts";
import type { Route, Snapshot, Target } from "../snapshot.ts";

export interface ResolvedModel {
  /** Absent when the caller named a provider or a model. */
  readonly route: string | undefined;
  readonly targets: readonly Target[];
}

const namesShownInError = 20;

/**
 * In this order: nothing (the use case's route, else `default`), a route, `auto`, `provider/model`, a model
 * that exactly one provider lists.
 * @throws GatewayError `invalid_request` that names what could have been meant
 */
export function resolveModel(
  snapshot: Snapshot,
  asked: { readonly model: string | undefined; readonly useCase: string | undefined },
): ResolvedModel {
  const { model, useCase } = asked;
  if (model === undefined || model === "") {
    const named = useCase === undefined ? undefined : snapshot.useCases.get(useCase);
    return ofRoute(routeNamed(snapshot, named?.route ?? "default"));
  }
  const route = snapshot.routes.get(model);
  if (route !== undefined) return ofRoute(route);
  if (model === "auto") return ofRoute(routeNamed(snapshot, "default"));

  const slash = model.indexOf("/");
  const provider = slash < 1 ? undefined : snapshot.providers.get(model.slice(0, slash));
  const vendorModel = model.slice(slash + 1);
  if (provider !== undefined && vendorModel !== "") {
    return { route: undefined, targets: [{ provider, model: vendorModel, priority: provider.priority }] };
  }
  return ofBareModel(snapshot, model);
}

const ofRoute = (route: Route): ResolvedModel => ({ route: route.name, targets: route.targets });

function routeNamed(snapshot: Snapshot, name: string): Route {
  const route = snapshot.routes.get(name);
  if (route !== undefined) return route;
  throw unresolved(`there is no route "${name}"`, [...snapshot.routes.keys()]);
}

function ofBareModel(snapshot: Snapshot, model: string): ResolvedModel {
  const listing = [...snapshot.providers.values()].filter((provider) => provider.models.includes(model));
  const [only, ...others] = listing;
  if (only !== undefined && others.length === 0) {
    return { route: undefined, targets: [{ provider: only, model, priority: only.priority }] };
  }
  if (only !== undefined) {
    throw unresolved(
      `several providers have "${model}"`,
      listing.map((provider) => `${provider.name}/${model}`),
    );
  }
  const known = [...snapshot.routes.keys(), "auto"];
  for (const provider of snapshot.providers.values()) {
    known.push(...provider.models.map((name) => `${provider.name}/${name}`));
  }
  throw unresolved(`"${model}" is no route and no model of a provider`, known);
}

function unresolved(problem: string, candidates: readonly string[]): GatewayError {
  const shown = candidates.slice(0, namesShownInError).join(", ");
  const more = candidates.length > namesShownInError ? ", …" : "";
  return new GatewayError({
    code: "invalid_request",
    field: "model",
    message: `model: ${problem}. Name one of: ${shown}${more}.`,
  });
}
