import { startChild } from "../child-process.ts";
import { median } from "../statistics.ts";
import type { FaultFigure } from "./faults-context.ts";
import { type CostsQuestion, type CostsReport, costsReport } from "./resilience-messages.ts";

const limitUs = 4;
const processes = 3;
const rounds = 50;
const callsARound = 2_000;
const warmUpCalls = 20_000;

export const resilienceCost: FaultFigure = {
  name: "cost",
  method: [
    "CPU of the resilience stages together when all is well: a call that is not streamed, in the library's form, over a",
    "provider in memory; microseconds of the thread. Baseline, in the same process: the same core whose route asks its",
    "target and does nothing else, without states, breakers, budgets, timers, limits of load and aborts of its own.",
    `The median of the differences of ${rounds} rounds of ${callsARound} calls each, taken in turn; the middle one of ${processes} processes.`,
  ],
  async measure() {
    const measured: CostsReport[] = [];
    for (let count = 0; count < processes; count += 1) measured.push(await measureOnce());
    const differences = measured.map(differenceUs);
    const difference = median(differences);
    const middle = (of: (report: CostsReport) => readonly number[]): string =>
      median(measured.map((report) => median(of(report)))).toFixed(2);
    return {
      lines: [
        {
          name: "CPU of the resilience stages, a call",
          measured: `${signed(difference)} µs (${differences.map(signed).join(", ")})`,
          limit: `≤ +${limitUs} µs`,
          holds: difference <= limitUs,
        },
      ],
      notes: [
        `a call: ${middle(({ resilientUs }) => resilientUs)} µs, without resilience ${middle(({ plainUs }) => plainUs)} µs`,
      ],
    };
  },
};

async function measureOnce(): Promise<CostsReport> {
  const child = await startChild<CostsQuestion>(new URL("./resilience-process.ts", import.meta.url));
  try {
    return await child.ask({ ask: "costs", rounds, callsARound, warmUpCalls }, costsReport);
  } finally {
    await child.end();
  }
}

const differenceUs = ({ resilientUs, plainUs }: CostsReport): number =>
  median(resilientUs.map((us, round) => us - (plainUs[round] ?? Number.NaN)));

const signed = (value: number): string => `${value < 0 ? "" : "+"}${value.toFixed(2)}`;
