import { arriveAt } from "./arrive-at.ts";
import { behave, type FaultFigure, type Upstream } from "./faults-context.ts";
import { receivedReport } from "./messages.ts";
import type { ServedGateway } from "./served-gateway.ts";

const callsPerSecond = 200;
const durationMs = 20_000;
const targets = ["first", "second", "third"];
const limit = 0.1;
/** Each target's in a window of 10 s, whatever the first tries; they matter only where those are fewer than 100. */
const freeRetries = 10;
/** More failures in a row than ever come. */
const failureThreshold = 1_000;
const goodOneOf = 500;

export const retryShare: FaultFigure = {
  name: "retries",
  method: [
    `Retries to the same target ÷ first tries under total failure: every one of three targets answers 500, at ${callsPerSecond}`,
    `calls/s for ${durationMs / 1000} s, with the retries that are allowed by default. The budget of retries alone shall limit them,`,
    `so the breaker is kept closed: its threshold is ${failureThreshold}, and one of ${goodOneOf} answers is a good one. Of each target`,
    `${freeRetries} retries are not counted: they are free. Counted by the gateway's metrics; the upstream's count has to agree.`,
  ],
  async measure(bench) {
    const upstream = await bench.startUpstream(targets);
    for (const target of targets) await behave(upstream, target, { kind: "fail", goodOneOf });
    const gateway = await bench.startGateway({
      targets: upstream.ports,
      policy: { breaker: { failureThreshold } },
    });
    const report = await arriveAt(gateway, { streamed: false, callsPerSecond, durationMs }, bench);
    const attempts = await gateway.metric("sluice_attempts_by_reason_total", "provider", "reason");
    await checkCounts(upstream, attempts);
    const ofTargets = targets.map((target) => countOf(attempts, target));
    const shares = ofTargets.map(({ first, retries }) => Math.max(0, retries - freeRetries) / first);
    const worst = Math.max(...shares);
    return {
      lines: [
        {
          name: "retries ÷ first tries, every target failing",
          measured: `${worst.toFixed(3)} (${shares.map((share) => share.toFixed(3)).join(", ")})`,
          limit: `≤ ${limit.toFixed(2)}`,
          holds: worst <= limit,
        },
      ],
      notes: [
        ...targets.map((target, i) => {
          const { first = 0, retries = 0 } = ofTargets[i] ?? {};
          return `${target}: ${first} first tries, ${retries} retries (${(retries / first).toFixed(3)}, the free ones counted)`;
        }),
        `of ${report.calls} calls ${report.good} were answered; skipped by a breaker: ${await skipped(gateway)}`,
      ],
    };
  },
};

const countOf = (attempts: ReadonlyMap<string, number>, target: string) => {
  const of = (reason: string) => attempts.get(`${target} ${reason}`) ?? 0;
  return { first: of("primary") + of("fallback"), retries: of("retry") };
};

async function checkCounts(upstream: Upstream, attempts: ReadonlyMap<string, number>): Promise<void> {
  for (const target of targets) {
    const { requests } = await upstream.ask({ ask: "received", target }, receivedReport);
    const { first, retries } = countOf(attempts, target);
    if (requests !== first + retries) {
      throw new Error(`${target} had ${requests} requests, and the metrics tell ${first} + ${retries}.`);
    }
  }
}

async function skipped(gateway: ServedGateway): Promise<number> {
  const ended = await gateway.metric("sluice_attempts_total", "status");
  return ended.get("skipped") ?? 0;
}
