// The gateway under test: for each place where something can be wrong a route whose first target is there and whose
// others are well, and one whose targets are all there; real adapters, a clock that the test moves, all front ends.

import type {
  Configuration,
  PolicyConfiguration,
  ProviderConfiguration,
  RouteConfiguration,
  TargetConfiguration,
} from "../../../src/config/configuration.ts";
import type { OverloadLimits } from "../../../src/core/assemble-gateway.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { defaultRoutePolicy } from "../../../src/core/routing/default-policies.ts";
import type { RoutePolicy } from "../../../src/core/snapshot.ts";
import { createAdapter } from "../../../src/create-adapter.ts";
import { configurationOf } from "../../../src/gateway.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { createReadableLedger, type ReadableLedger } from "../../support/test-gateway.ts";
import { assembleOver } from "../parity/assemble-over.ts";
import { serveAll, type ServedGateway } from "../parity/serve-all.ts";
import { models, type PlaceName, type Places, startPlaces } from "./places.ts";

export interface FaultsGateway extends ServedGateway {
  readonly places: Places;
  readonly clock: ManualClock;
  readonly ledger: ReadableLedger;
}

/** How long an attempt may take to its first content or its whole answer, and between two events. */
export const patienceMs = 10_000;
export const silenceMs = 5_000;

/** Of the place that never finishes a connection; no test moves it. */
const connectMs = 100;

/** Longer than any door stays closed and any budget is remembered. */
export const longMs = 3_600_000;

export interface FaultsOptions {
  /** Of every provider. Absent: out of reach, since each client has to meet what the one before it met. */
  readonly failureThreshold?: number;
  /** Calls at a time at each target. */
  readonly maxConcurrent?: number;
  /** Of each target; absent: what holds where nothing is configured. */
  readonly retries?: number;
  readonly routePolicy?: Partial<RoutePolicy>;
  readonly overload?: OverloadLimits;
  /** What the demo upstreams put behind a model's name in each event. */
  readonly version?: string;
  /** In place of the one that the test moves. */
  readonly clock?: Clock;
}

export async function startFaultsGateway(options: FaultsOptions = {}): Promise<FaultsGateway> {
  const places = await startPlaces(options);
  const clock = createManualClock();
  const ledger = createReadableLedger();
  const gateway = assembleOver(configurationAt(places, options), {
    clock: options.clock ?? clock,
    ledger,
    createAdapter: (provider) => createAdapter(provider, () => true),
    overload: options.overload,
  });
  const served = await serveAll(gateway);
  return {
    ...served,
    places,
    clock,
    ledger,
    async close() {
      await served.close();
      await places.close();
    },
  };
}

export const configurationAt = (places: Places, options: FaultsOptions): Configuration => ({
  ...configurationOf({ DATABASE_URL: "sqlite::memory:", LOG_LEVEL: "silent" }),
  providers: providersOf(places, options),
  routes: routesOf(options),
});

type Kind = keyof typeof models;

interface Named {
  readonly name: string;
  readonly kind: Kind;
  readonly at: PlaceName | "well";
}

/** The targets of each place; those of the demo upstreams speak three vendors' formats. */
const placed: Readonly<Record<PlaceName, readonly Named[]>> = {
  ill: [
    { name: "ill-openai", kind: "openai", at: "ill" },
    { name: "ill-anthropic", kind: "anthropic", at: "ill" },
    { name: "ill-gemini", kind: "gemini", at: "ill" },
  ],
  raw: threeAt("raw"),
  refused: threeAt("refused"),
  "unknown-host": threeAt("unknown-host"),
  untrusted: threeAt("untrusted"),
  silent: threeAt("silent"),
};

function threeAt(at: PlaceName): readonly Named[] {
  return [1, 2, 3].map((i) => ({ name: `${at}-${i}`, kind: "openai", at }));
}

const well: readonly Named[] = [
  { name: "well-anthropic", kind: "anthropic", at: "well" },
  { name: "well-gemini", kind: "gemini", at: "well" },
];

/** Of each place: its targets in the order in which `everywhere` tries them. */
export const targetsAt = (place: PlaceName): readonly string[] => placed[place].map(({ name }) => name);

function providersOf({ baseUrls }: Places, options: FaultsOptions): readonly ProviderConfiguration[] {
  const policy: PolicyConfiguration = {
    breaker: { failureThreshold: options.failureThreshold ?? 1_000 },
    firstTokenMs: patienceMs,
    wholeAnswerMs: patienceMs,
    betweenTokensMs: silenceMs,
    maxConcurrent: options.maxConcurrent,
  };
  return [...Object.values(placed).flat(), ...well].map(({ name, kind, at }) => ({
    name,
    kind,
    source: "file",
    apiKeys: ["a-key"],
    baseUrl: kind === "openai" ? `${baseUrls[at]}/v1` : baseUrls[at],
    models: [models[kind]],
    settings: {},
    priority: 0,
    policy,
    connectMs: at === "silent" ? connectMs : undefined,
  }));
}

function routesOf({ retries, routePolicy }: FaultsOptions): readonly RouteConfiguration[] {
  const target = ({ name, kind }: Named): TargetConfiguration => ({
    provider: name,
    model: models[kind],
    retries,
  });
  const policy: RoutePolicy | undefined = routePolicy && { ...defaultRoutePolicy, ...routePolicy };
  const route = (name: string, targets: readonly Named[]): RouteConfiguration => ({
    name,
    source: "file",
    strategy: "priority",
    targets: targets.map(target),
    policy,
  });
  const first = Object.entries(placed).map(([place, named]) => route(place, [...named.slice(0, 1), ...well]));
  const everywhere = Object.entries(placed).map(([place, named]) => route(`${place}-everywhere`, named));
  const alone = Object.entries(placed).map(([place, named]) => route(`${place}-alone`, named.slice(0, 1)));
  return [route("default", well), ...first, ...everywhere, ...alone];
}
