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
  /** Whether the caller may use a target: others are not told of, nor meant where one that it may use can be. */
  readonly mayUse: (target: Target) => boolean;
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
  const { model = "", mayUse } = asked;
  const found = resolveConfigured(snapshot, asked) ?? ofBareModel(snapshot, { model, has: lists, mayUse });
  if (found !== undefined) return found;
  const known = usableRoutes(snapshot, mayUse);
  if (known.includes("default")) known.push("auto");
  for (const provider of snapshot.providers.values()) {
    const targets = provider.models.map((name) => targetOf(provider, name, snapshot.routes));
    known.push(...targets.filter(mayUse).map((target) => nameOf(provider, target.model)));
  }
  throw unresolved(`"${model}" is no route and no model of a provider`, known);
}

const usableRoutes = ({ routes }: Snapshot, mayUse: AskedModel["mayUse"]): string[] =>
  [...routes.values()].filter((route) => isUsable(route, mayUse)).map(({ name }) => name);

/** A route without a target yet is nobody's secret. */
export const isUsable = ({ targets }: Route, mayUse: AskedModel["mayUse"]): boolean =>
  targets.length === 0 || targets.some(mayUse);

/**
 * The same without the providers' own lists. Undefined: only they can tell.
 * @throws GatewayError `invalid_request`; `unavailable` for a route that is being drained
 */
export function resolveConfigured(snapshot: Snapshot, asked: AskedModel): ResolvedModel | undefined {
  const { model, useCase, mayUse } = asked;
  if (model === undefined || model === "") {
    const named = useCase === undefined ? undefined : snapshot.useCases.get(useCase);
    return ofRoute(routeNamed(snapshot, named?.route ?? "default", mayUse));
  }
  const route = snapshot.routes.get(model);
  if (route !== undefined) return ofRoute(route);
  if (model === "auto") return { ...ofRoute(routeNamed(snapshot, "default", mayUse)), strategy: "smart" };

  const slash = model.indexOf("/");
  const provider = slash < 1 ? undefined : snapshot.providers.get(model.slice(0, slash));
  const vendorModel = model.slice(slash + 1);
  if (provider !== undefined && vendorModel !== "") {
    return ofTargets([targetOf(provider, vendorModel, snapshot.routes)]);
  }
  return ofBareModel(snapshot, { model, has: ({ models }) => models.includes(model), mayUse });
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

const ofTargets = (targets: readonly Target[]): ResolvedModel => ({
  route: undefined,
  targets,
  strategy: "priority",
});

/** As a route has it, where one does. */
export const targetOf = (provider: ConfiguredProvider, model: string, routes: Snapshot["routes"]): Target =>
  targetsOfRoutes(routes).get(nameOf(provider, model)) ?? { provider, model, priority: provider.priority };

const nameOf = ({ name }: ConfiguredProvider, model: string): string => `${name}/${model}`;

/** By snapshot's routes: there may be many, and a call that names its model asks for one. */
const knownTargets = new WeakMap<Snapshot["routes"], ReadonlyMap<string, Target>>();

/**
 * Targets by their names; one with a policy of its own goes before others. Their limits hold however they are named:
 * a caller who names no route must not pass the line of those who do.
 */
function targetsOfRoutes(routes: Snapshot["routes"]): ReadonlyMap<string, Target> {
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

function routeNamed(snapshot: Snapshot, name: string, mayUse: AskedModel["mayUse"]): Route {
  const route = snapshot.routes.get(name);
  if (route !== undefined) return route;
  throw unresolved(`there is no route "${name}"`, usableRoutes(snapshot, mayUse));
}

interface BareModel extends Pick<AskedModel, "mayUse"> {
  readonly model: string;
  readonly has: Lists;
}

/** Undefined when no provider has it. */
function ofBareModel(
  { providers, routes }: Snapshot,
  { model, has, mayUse }: BareModel,
): ResolvedModel | undefined {
  const having = [...providers.values()].filter((provider) => has(provider, model));
  if (having.length === 0) return undefined;
  const targets = having.map((provider) => targetOf(provider, model, routes));
  if (targets.length === 1) return ofTargets(targets);
  const usable = targets.filter(mayUse);
  if (usable.length <= 1) return ofTargets(usable.length === 1 ? usable : targets);
  throw unresolved(
    `several providers have "${model}"`,
    usable.map(({ provider }) => nameOf(provider, model)),
  );
}

function unresolved(problem: string, candidates: readonly string[]): GatewayError {
  const shown = candidates.slice(0, namesShownInError).join(", ");
  const more = candidates.length > namesShownInError ? ", …" : "";
  const advice =
    candidates.length === 0 ? "Ask an administrator what you may use." : `Name one of: ${shown}${more}.`;
  return new GatewayError({
    code: "invalid_request",
    field: "model",
    message: `model: ${problem}. ${advice}`,
  });
}
