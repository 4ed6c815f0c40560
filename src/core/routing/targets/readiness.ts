// Whether any route can serve, and what is not as it should be.

import type { Readiness } from "../../gateway.ts";
import type { Route, Snapshot, Target } from "../../snapshot.ts";
import type { TargetStates } from "./target-states.ts";

/** No words of a vendor's are told: whoever reaches the port may ask. */
export function readinessOf(snapshot: Snapshot, states: TargetStates, known: readonly string[]): Readiness {
  const routes = [...snapshot.routes.values()].filter(({ targets }) => targets.length > 0);
  if (routes.length === 0) return { ready: false, problems: [...known, withoutTargets(snapshot)] };
  const problems = [...known, ...routes.flatMap((route) => problemsOf(route, states))];
  return { ready: routes.some((route) => canServe(route, states)), problems: [...new Set(problems)] };
}

/** Providers that are asked: with a target that is not left alone. */
export function activeProviders({ providers, routes }: Snapshot, states: TargetStates): number {
  const targets = [...routes.values()].flatMap((route) => route.targets);
  let active = 0;
  for (const provider of providers.values()) {
    const own = targets.filter((target) => target.provider.name === provider.name);
    const isAsked =
      own.length === 0
        ? states.provider(provider).breaker.state() !== "open"
        : own.some((target) => !isLeftAlone(target, states));
    if (isAsked) active += 1;
  }
  return active;
}

const isLeftAlone = (target: Target, states: TargetStates): boolean =>
  states.of(target).breaker.state() === "open" || states.provider(target.provider).breaker.state() === "open";

/** One that is merely full serves: callers wait for it, or hear that it is. */
function isServing(target: Target, states: TargetStates): boolean {
  const obstacle = states.of(target).obstacle(target);
  return obstacle === undefined || obstacle === "at_capacity" || obstacle === "rate_limited";
}

const canServe = ({ targets, draining }: Route, states: TargetStates): boolean =>
  draining !== true && targets.some((target) => isServing(target, states));

function problemsOf(route: Route, states: TargetStates): readonly string[] {
  const { name, targets } = route;
  const troubled = targets.flatMap((target) => troubleOf(target, states) ?? []);
  if (route.draining === true) return [...troubled, `The route ${name} is being drained.`];
  return canServe(route, states) ? troubled : [...troubled, `The route ${name} cannot serve.`];
}

function troubleOf(target: Target, states: TargetStates): string | undefined {
  const { provider, model } = target;
  const name = `${provider.name}/${model}`;
  const state = states.of(target);
  switch (state.obstacle(target)) {
    case "draining":
      return `The provider ${provider.name} is being drained.`;
    case "breaker_open":
      return state.provider.breaker.state() === "closed"
        ? `${name} is left alone after failures (${state.lastError?.failure ?? "unknown"}).`
        : `The provider ${provider.name} is left alone after failures (${state.provider.lastError?.failure ?? "unknown"}).`;
    case "rate_limited":
      return `${name} asked to wait.`;
    case "at_capacity":
      return `${name} has as many calls as it may have.`;
    case "cannot_continue":
    case undefined:
      return undefined;
  }
}

const withoutTargets = ({ providers }: Snapshot): string =>
  providers.size === 0
    ? "No provider is configured: no route can serve."
    : "No provider has a model: no route can serve.";
