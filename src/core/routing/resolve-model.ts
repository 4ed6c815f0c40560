// From what the caller wrote as `model` to the targets that may serve the call.

import { GatewayError } from "../errors.ts";
import type { ConfiguredProvider, Route, RoutePolicy, Snapshot, StrategyName, Target } from "../snapshot.ts";

export interface ResolvedModel {
  /** Absent when the caller named a provider or a model. */
  readonly route: string | undefined;
  readonly targets: readonly Target[];
  readonly strategy: StrategyName;
  /** Absent: the default one. */
  readonly policy?: RoutePolicy | undefined;
}

export interface AskedModel {
  readonly model: string | undefined;
  readonly useCase: string | undefined;
}

/** Whether the provider's own list has the model. */
export type Lists = (provider: ConfiguredProvider, model: string) => boolean;

const namesShownInError = 20;

/**
 * In this order: nothing (the use case's route, else `default`), a route, `auto`, `provider/model`, a model
 * that exactly one provider is configured with, a model that is on exactly one provider's own list.
 * @throws GatewayError `invalid_request` that names what could have been meant
 */
export function resolveModel(snapshot: Snapshot, asked: AskedModel, lists: Lists): ResolvedModel {
  const found = resolveConfigured(snapshot, asked) ?? ofBareModel(snapshot, asked.model ?? "", lists);
  if (found !== undefined) return found;
  const known = [...snapshot.routes.keys(), "auto"];
  for (const provider of snapshot.providers.values()) {
    known.push(...provider.models.map((name) => `${provider.name}/${name}`));
  }
  throw unresolved(`"${asked.model ?? ""}" is no route and no model of a provider`, known);
}

/**
 * The same without the providers' own lists. Undefined: only they can tell.
 * @throws GatewayError `invalid_request`; `unavailable` for a route that is being drained
 */
export function resolveConfigured(snapshot: Snapshot, asked: AskedModel): ResolvedModel | undefined {
  const { model, useCase } = asked;
  if (model === undefined || model === "") {
    const named = useCase === undefined ? undefined : snapshot.useCases.get(useCase);
    return ofRoute(routeNamed(snapshot, named?.route ?? "default"));
  }
  const route = snapshot.routes.get(model);
  if (route !== undefined) return ofRoute(route);
  if (model === "auto") return { ...ofRoute(routeNamed(snapshot, "default")), strategy: "smart" };

  const slash = model.indexOf("/");
  const provider = slash < 1 ? undefined : snapshot.providers.get(model.slice(0, slash));
  const vendorModel = model.slice(slash + 1);
  if (provider !== undefined && vendorModel !== "") {
    return ofTarget(provider, vendorModel, snapshot);
  }
  return ofBareModel(snapshot, model, ({ models }) => models.includes(model));
}

/** @throws GatewayError `unavailable` for one that is being drained */
function ofRoute({ name, targets, strategy, policy, draining }: Route): ResolvedModel {
  if (draining !== true) return { route: name, targets, strategy, policy };
  throw new GatewayError({
    code: "unavailable",
    field: "model",
    message: `model: the route "${name}" is being drained and takes no new calls. Name another one.`,
  });
}

const ofTarget = (provider: ConfiguredProvider, model: string, snapshot: Snapshot): ResolvedModel => ({
  route: undefined,
  targets: [
    targetsOfRoutes(snapshot.routes).get(nameOf(provider, model)) ?? {
      provider,
      model,
      priority: provider.priority,
    },
  ],
  strategy: "priority",
});

const nameOf = ({ name }: ConfiguredProvider, model: string): string => `${name}/${model}`;

/** By snapshot's routes: there may be many, and a call that names its model asks for one. */
const knownTargets = new WeakMap<Snapshot["routes"], ReadonlyMap<string, Target>>();

/**
 * Targets by their names; one with a policy of its own goes before others. Their limits hold however they are named:
 * a caller who names no route must not pass the line of those who do.
 */
export function targetsOfRoutes(routes: Snapshot["routes"]): ReadonlyMap<string, Target> {
  const known = knownTargets.get(routes);
  if (known !== undefined) return known;
  const targets = new Map<string, Target>();
  for (const target of [...routes.values()].flatMap((route) => route.targets)) {
    const name = nameOf(target.provider, target.model);
    const before = targets.get(name);
    const goesBefore = before === undefined || (before.policy === undefined && target.policy !== undefined);
    if (target.api === undefined && goesBefore) targets.set(name, target);
  }
  knownTargets.set(routes, targets);
  return targets;
}

function routeNamed(snapshot: Snapshot, name: string): Route {
  const route = snapshot.routes.get(name);
  if (route !== undefined) return route;
  throw unresolved(`there is no route "${name}"`, [...snapshot.routes.keys()]);
}

/** Undefined when no provider has it. */
function ofBareModel(snapshot: Snapshot, model: string, has: Lists): ResolvedModel | undefined {
  const having = [...snapshot.providers.values()].filter((provider) => has(provider, model));
  const [only, ...others] = having;
  if (only === undefined) return undefined;
  if (others.length > 0) {
    throw unresolved(
      `several providers have "${model}"`,
      having.map((provider) => `${provider.name}/${model}`),
    );
  }
  return ofTarget(only, model, snapshot);
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
