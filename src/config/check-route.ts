// One route's entry, of the YAML file or of a change at run time: what is wrong is refused in the same words.

import type { KindDefaults } from "../core/kind-defaults.ts";
import { defaultRoutePolicy } from "../core/routing/default-policies.ts";
import type { ConfigurationSource, HedgePolicy, RoutePolicy } from "../core/snapshot.ts";
import { checkedApi } from "./check-api.ts";
import {
  ConfigurationError,
  type ProviderConfiguration,
  type RouteConfiguration,
  type TargetConfiguration,
} from "./configuration.ts";
import { checkName } from "./entry-name.ts";
import { parseEntry } from "./parse-entry.ts";
import { policyOfEntry } from "./policy-schema.ts";
import { type RouteEntry, routeSchema, type TargetEntry } from "./route-schema.ts";
import { longestWaits } from "./longest-waits.ts";

/** What is asked of a provider that a route names. */
export type KnownProvider = Pick<ProviderConfiguration, "name" | "kind" | "api" | "policy">;

export interface RouteToCheck {
  readonly name: string;
  readonly source: ConfigurationSource;
  /** As it was written. */
  readonly entry: unknown;
  /** Messages begin with it: `sluice.yaml: routes.mine`. */
  readonly place: string;
  readonly providers: readonly KnownProvider[];
  readonly kinds: readonly KindDefaults[];
  /** Names of all routes, to tell a route from a provider that does not exist. */
  readonly routes: readonly string[];
  /** Names of those that may give the vectors of questions; absent: the providers. */
  readonly embedders?: readonly string[] | undefined;
}

/** @throws ConfigurationError that names the place and the field */
export function checkRoute(given: RouteToCheck): RouteConfiguration {
  const { name, source, place } = given;
  checkName(name, place);
  const entry = parseEntry(routeSchema, given.entry, { place });
  const targets = entry.targets.map((target, i) => checkedTarget(target, `${place}.targets[${i}]`, given));
  checkTargets(targets, given);
  checkWeights(entry, place);
  checkEmbedder(entry, given);
  return { name, source, strategy: entry.strategy ?? "priority", targets, policy: routePolicyOf(entry) };
}

function checkedTarget(target: TargetEntry, place: string, given: RouteToCheck): TargetConfiguration {
  const provider = given.providers.find(({ name }) => name === target.provider);
  if (provider === undefined) throw noProvider(target.provider, place, given);
  const kind = given.kinds.find((each) => each.kind === provider.kind);
  const longest = longestWaits(provider);
  for (const member of ["firstTokenMs", "betweenTokensMs", "wholeAnswerMs"] as const) {
    const found = target.timeouts?.[member] ?? 0;
    if (found <= longest[member]) continue;
    throw new ConfigurationError(
      `${place}.timeouts.${member}: must be at most ${longest[member]}, for which the connections of ` +
        `${provider.name} wait; found ${found}. Give ${provider.name} a longer timeouts.${member} first.`,
    );
  }
  const { model, priority, vectorSpace, weight, retries, test } = target;
  return {
    provider: provider.name,
    model,
    priority,
    api: checkedApi(target.api, { place: `${place}.api`, kind }),
    vectorSpace,
    weight,
    retries,
    test,
    policy: policyOfEntry(target),
  };
}

function noProvider(found: string, place: string, given: RouteToCheck): ConfigurationError {
  const known = given.providers.map(({ name }) => name).join(", ") || "none";
  const isRoute = found === given.name || given.routes.includes(found);
  const which = found === given.name ? "is this route itself" : "is a route";
  return new ConfigurationError(
    isRoute
      ? `${place}.provider: "${found}" ${which}. A target is a provider and a model: write the targets of a ` +
          `route that is to be its fallback. Providers are: ${known}.`
      : `${place}.provider: "${found}" is not configured. There are: ${known}.`,
  );
}

/** A target is tried once a call, and its retries are its own. */
function checkTargets(
  targets: readonly TargetConfiguration[],
  { place, providers, kinds }: RouteToCheck,
): void {
  const first = new Map<string, number>();
  for (const [i, { provider, model, api }] of targets.entries()) {
    const known = providers.find(({ name }) => name === provider);
    const usual = known?.api ?? kinds.find(({ kind }) => kind === known?.kind)?.apis[0];
    const key = JSON.stringify([provider, model, api ?? usual]);
    const before = first.get(key);
    if (before !== undefined) {
      throw new ConfigurationError(
        `${place}.targets[${i}]: ${provider}/${model} is the same target as [${before}]. Take one of them out; ` +
          "retries and weight say how often one is asked.",
      );
    }
    first.set(key, i);
  }
}

function checkWeights({ targets, smartWeights, hedge }: RouteEntry, place: string): void {
  if (targets.every(({ weight }) => weight === 0)) {
    throw new ConfigurationError(
      `${place}.targets: one at least must have a weight above 0; found 0 on all.`,
    );
  }
  if (smartWeights?.latency === 0 && smartWeights.cost === 0) {
    throw new ConfigurationError(`${place}.smartWeights: latency or cost must be above 0; found 0 on both.`);
  }
  if (hedge !== undefined && targets.length < 2) {
    throw new ConfigurationError(
      `${place}.hedge: needs a second target to start beside the first; found one. Add one, or leave it out.`,
    );
  }
}

function checkEmbedder(
  { cache }: RouteEntry,
  { place, providers, embedders = providers.map(({ name }) => name) }: RouteToCheck,
): void {
  const found = cache?.semantic?.embedding.provider;
  if (found === undefined || embedders.includes(found)) return;
  throw new ConfigurationError(
    `${place}.cache.semantic.embedding.provider: "${found}" is not configured. There are: ` +
      `${embedders.join(", ") || "none"}.`,
  );
}

const routePolicyOf = ({
  onStreamBreak,
  maxRetryDelayMs,
  smartWeights,
  hedge,
  cache,
  fallbackMessage,
}: RouteEntry): RoutePolicy => ({
  midStream: onStreamBreak ?? defaultRoutePolicy.midStream,
  maxRetryDelayMs: maxRetryDelayMs ?? defaultRoutePolicy.maxRetryDelayMs,
  smartWeights: smartWeights ?? defaultRoutePolicy.smartWeights,
  hedge: hedge && hedgePolicyOf(hedge),
  cache,
  fallbackMessage,
});

const hedgePolicyOf = ({
  afterMs,
  maxSharePercent,
  maxCostDollars,
}: NonNullable<RouteEntry["hedge"]>): HedgePolicy => ({
  after: afterMs === "p95" ? "p95" : { ms: afterMs },
  maxShare: maxSharePercent / 100,
  // Up to a thousand dollars a number holds every nano-dollar.
  maxCostNanos: maxCostDollars === undefined ? undefined : BigInt(Math.round(maxCostDollars * 1e9)),
});
