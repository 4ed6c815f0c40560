// What calls could leave behind, and that they have not.

import { expect } from "vitest";
import type { FaultsGateway } from "./faults-gateway.ts";

const nothing = {
  requests: { ill: 0, well: 0 },
  connections: { raw: 0, silent: 0 },
  timers: 0,
  openCalls: 0,
  waitingCalls: 0,
  attemptsInFlight: 0,
  unsettled: 0,
};

/** Connections close a moment after the caller has its answer: waits for that moment, not for a time. */
export const expectNothingLeft = (faults: FaultsGateway): Promise<void> =>
  expect.poll(() => leftIn(faults), { interval: 1, timeout: 5_000 }).toEqual(nothing);

/** Connections to the demo upstreams may be kept for the next request; none may have a request on it. */
function leftIn(faults: FaultsGateway): typeof nothing {
  const { places, clock, ledger } = faults;
  const { ill, well, raw, silent } = places;
  return {
    requests: { ill: ill.openRequests, well: well.openRequests },
    connections: { raw: raw.openConnections, silent: silent.openConnections },
    timers: clock.pendingTimers,
    openCalls: gaugeOf(faults, "sluice_open_calls"),
    waitingCalls: gaugeOf(faults, "sluice_waiting_calls"),
    attemptsInFlight: gaugeOf(faults, "sluice_target_in_flight"),
    unsettled: ledger.opened.length - ledger.settled.length,
  };
}

/** Summed over its series. */
export function gaugeOf({ gateway }: Pick<FaultsGateway, "gateway">, name: string): number {
  const family = gateway.measurements().find((each) => each.name === name);
  if (family === undefined || family.type === "histogram") throw new Error(`There is no gauge ${name}.`);
  return family.samples.reduce((sum, { value }) => sum + Number(value), 0);
}
