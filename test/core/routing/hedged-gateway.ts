// A gateway whose route hedges, and targets that are slow.

import type { Price } from "../../../src/core/pricing/price.ts";
import type { HedgePolicy } from "../../../src/core/snapshot.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import type { Script, ScriptedProvider } from "../../support/scripted-provider.ts";
import { createTestGateway, type TestGatewayOptions } from "../../support/test-gateway.ts";

const price: Price = { version: "test-1", inputPicos: 1_000_000n, outputPicos: 2_000_000n };
const prices = { find: () => price };
/** Says at once that it has read five tokens, and then nothing. */
export const silent: Script = {
  steps: [
    {
      type: "started",
      model: "slow-1",
      usage: { input: { total: 5 }, output: { total: 0 }, source: "reported" },
    },
    "hang",
  ],
  losses: [{ field: "sampling.seed", detail: "first has no such setting." }],
};
export const hung: Script = { steps: ["hang"] };

interface Hedged extends Partial<Omit<TestGatewayOptions, "clock">> {
  readonly first: ScriptedProvider;
  readonly second: ScriptedProvider;
  readonly hedge?: Partial<HedgePolicy>;
}

export function hedgedGateway({ first, second, hedge, ...options }: Hedged) {
  const clock = createManualClock();
  const policy: HedgePolicy = { after: { ms: 100 }, maxShare: 1, ...hedge };
  const made = createTestGateway({
    providers: { first, second },
    routePolicy: { hedge: policy },
    prices,
    ...options,
    clock,
  });
  return { ...made, clock };
}
