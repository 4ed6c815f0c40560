import { setTimeout as wait } from "node:timers/promises";
import { median } from "../statistics.ts";
import { milliseconds } from "../wording.ts";
import { arriveAt, arriveAtEach } from "./arrive-at.ts";
import {
  behave,
  type FaultFigure,
  type FaultLine,
  type FaultsContext,
  type Upstream,
} from "./faults-context.ts";
import type { ArrivalReport, Behaviour } from "./messages.ts";
import type { ServedGateway } from "./served-gateway.ts";

const callsPerSecond = 200;
const answersAfterMs = 50;
const patienceMs = 500;
const warmUpMs = 1_500;
/** The target dies in its midst. */
const dyingMs = 3_000;
const rounds = 5;
const roundMs = 2_000;
const mostErrors = 0.001;
const mostOfHealthy = 1.5;

const deaths: readonly { readonly name: string; readonly says: string; readonly as: Behaviour }[] = [
  { name: "refusing", says: "refuses connections", as: { kind: "refuse" } },
  { name: "failing", says: "answers 500", as: { kind: "fail" } },
  { name: "hanging", says: "hangs", as: { kind: "hang" } },
];

export const deadTarget: FaultFigure = {
  name: "dead",
  method: [
    `One of three targets dead, the one that is asked first: streams at ${callsPerSecond} calls/s, each answered after`,
    `${answersAfterMs} ms. Caller errors: of all calls from a second before its death on, those included that come before`,
    "the breaker opens. p99: once it is open, beside a healthy gateway that has the same load at the same time; the",
    `median of ${rounds} rounds of ${roundMs / 1000} s. firstTokenMs is ${patienceMs}, all else as by default.`,
  ],
  async measure(bench) {
    const shared = ["second", "third"];
    const upstream = await bench.startUpstream(["healthy", ...deaths.map(({ name }) => name), ...shared]);
    for (const target of Object.keys(upstream.ports)) {
      await behave(upstream, target, { kind: "answer", afterMs: answersAfterMs });
    }
    const startWith = (first: string) =>
      bench.startGateway({
        targets: Object.fromEntries([first, ...shared].map((target) => [target, upstream.ports[target]])),
        policy: { timeouts: { firstTokenMs: patienceMs } },
      });
    const healthy = await startWith("healthy");
    await load(bench, healthy, warmUpMs);
    const dying: Dying[] = [];
    for (const { name, says, as } of deaths) {
      const gateway = await startWith(name);
      await load(bench, gateway, warmUpMs);
      dying.push({
        gateway,
        says,
        reports: [await loadAsItDies(bench, gateway, { upstream, name, as })],
        ratios: [],
      });
      await checkOpen(gateway, name);
    }
    const healthyP99 = await compareInTurn(bench, healthy, dying);
    return { lines: dying.flatMap(linesOf), notes: notesOf(dying, healthyP99) };
  },
};

interface Dying {
  readonly gateway: ServedGateway;
  readonly says: string;
  readonly reports: ArrivalReport[];
  /** Its p99 ÷ the healthy gateway's, of each round. */
  readonly ratios: number[];
}

const load = (bench: FaultsContext, gateway: ServedGateway, durationMs: number): Promise<ArrivalReport> =>
  arriveAt(gateway, { streamed: true, callsPerSecond, durationMs }, bench);

async function loadAsItDies(
  bench: FaultsContext,
  gateway: ServedGateway,
  death: { readonly upstream: Upstream; readonly name: string; readonly as: Behaviour },
): Promise<ArrivalReport> {
  const loading = load(bench, gateway, dyingMs);
  await wait(dyingMs / 3);
  await behave(death.upstream, death.name, death.as);
  return loading;
}

/** A refused connection is the whole provider's failure. */
async function checkOpen(gateway: ServedGateway, provider: string): Promise<void> {
  const ofTarget = await gateway.metric("sluice_target_breaker_state", "provider");
  const ofProvider = await gateway.metric("sluice_provider_breaker_state", "provider");
  if (ofTarget.get(provider) !== 2 && ofProvider.get(provider) !== 2) {
    throw new Error(`The breaker of the target that is ${provider} did not open.`);
  }
}

/** Resolves with the healthy gateway's p99 of each round. */
async function compareInTurn(
  bench: FaultsContext,
  healthy: ServedGateway,
  dying: readonly Dying[],
): Promise<readonly number[]> {
  const healthyP99: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const { gateway, reports, ratios } of dying) {
      const pair = [healthy, gateway];
      const arriving = { streamed: true, callsPerSecond, durationMs: roundMs };
      const [beside, report] = await arriveAtEach(pair, arriving, bench);
      if (beside?.goodMs.p99 === undefined || report === undefined) throw new Error("No call was answered.");
      reports.push(report);
      healthyP99.push(beside.goodMs.p99);
      ratios.push((report.goodMs.p99 ?? Infinity) / beside.goodMs.p99);
    }
  }
  return healthyP99;
}

function linesOf({ says, reports, ratios }: Dying): readonly FaultLine[] {
  const calls = reports.reduce((sum, report) => sum + report.calls, 0);
  const errors = reports.reduce((sum, report) => sum + report.calls - report.good, 0);
  const ratio = median(ratios);
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  return [
    {
      name: `one of three targets ${says}: caller errors`,
      measured: `${((errors * 100) / calls).toFixed(2)} % (${errors} of ${calls})`,
      limit: `≤ ${mostErrors * 100} %`,
      holds: errors <= calls * mostErrors,
    },
    {
      name: `one of three targets ${says}: p99 beside healthy`,
      measured: `${ratio.toFixed(2)} (${range})`,
      limit: `≤ ${mostOfHealthy}`,
      holds: ratio <= mostOfHealthy,
    },
  ];
}

const notesOf = (dying: readonly Dying[], healthyP99: readonly number[]): readonly string[] => [
  `p99 of the healthy gateway: ${milliseconds(median(healthyP99))}`,
  ...dying.map(({ says, reports: [first] }) => {
    const { p99 = Number.NaN } = first?.goodMs ?? {};
    return `while a target ${says}, its breaker still closed at first: p99 ${milliseconds(p99)}`;
  }),
  ...dying.flatMap(({ reports }) => reports.flatMap(({ failures }) => failures)).slice(0, 3),
];
