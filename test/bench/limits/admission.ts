import { assembleGateway, type GatewayParts } from "../../../src/core/assemble-gateway.ts";
import type { Access, Presented } from "../../../src/core/access/access.ts";
import { createBudgetMonths } from "../../../src/core/budgets/budget-months.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import { createSnapshotHolder } from "../../../src/core/snapshot-holder.ts";
import type { ConfiguredProvider, Snapshot } from "../../../src/core/snapshot.ts";
import { TargetStates } from "../../../src/core/routing/targets/target-states.ts";
import { createMemoryBudgets } from "../../../src/stores/memory/budgets.ts";
import { createMemoryLimits } from "../../../src/stores/memory/memory-limits.ts";
import { systemClock as clock } from "../../../src/system-clock.ts";
import { startedFixture } from "../../identity/directory-fixture.ts";
import { noChanges } from "../../support/no-changes.ts";
import { noRecords } from "../../support/no-records.ts";
import { openAccess } from "../../support/test-gateway.ts";
import { createAnsweringAdapter } from "../faults/answering-adapter.ts";
import type { MeasuredFigure } from "../figure.ts";
import { median } from "../statistics.ts";
import type { LimitLine, LimitsContext } from "./limits-context.ts";
import { utf8Bytes } from "../../support/utf8-bytes.ts";
import { digest } from "../../support/digest.ts";

const limitUs = 15;
const rounds = 40;
const warmUpRounds = 15;
const callsARound = 1_000;
const atATime = 50;
const hardNanos = 10n ** 17n;

export const admission: MeasuredFigure<LimitsContext, LimitLine> = {
  name: "admission",
  method: [
    "CPU of authentication, limits and budgets together, a call: a key that is held in memory, requests and tokens of",
    "its tenant and of itself, the budgets of both, all in memory; microseconds of the thread.",
    "Baseline, in the same process: the same calls by the same core without a key, limits and budgets.",
    `The median of the differences of ${rounds} rounds of ${callsARound} calls each, taken in turn.`,
  ],
  async measure() {
    const admitted = await admittingGateway();
    const plain = { gateway: assemble({ access: openAccess }), access: openAccess, presented: local };
    const differences: number[] = [];
    for (let round = -warmUpRounds; round < rounds; round += 1) {
      const difference = (await costUs(admitted)) - (await costUs(plain));
      if (round >= 0) differences.push(difference);
    }
    const difference = median(differences);
    return {
      lines: [
        {
          name: "CPU of authentication, limits and budgets, a call",
          measured: `${difference.toFixed(2)} µs`,
          limit: `≤ ${limitUs} µs`,
          holds: difference <= limitUs,
        },
      ],
      notes: [`${await admitted.paidNanos()} nano-dollars were paid from the budgets`],
    };
  },
};

interface Called {
  readonly gateway: Gateway;
  readonly access: Access;
  readonly presented: Presented;
}

const local: Presented = {
  credential: undefined,
  remoteAddress: "127.0.0.1",
  host: "localhost:8080",
  origin: undefined,
};

async function admittingGateway() {
  const limits = { requestsPerMinute: 1_000_000_000, tokensPerMinute: 1_000_000_000_000 };
  const fixture = await startedFixture({ sharing: undefined });
  await fixture.putTenant("red", { budget: { hardNanos }, limits });
  const { secret } = await fixture.makeKey({ budget: { hardNanos }, limits });
  await fixture.watch.look();
  const budgets = createMemoryBudgets({ clock, spend: { spentNanos: () => Promise.resolve(0n) } });
  const gateway = assemble({
    access: fixture.access,
    tenants: fixture.watch.tenants,
    limits: { ...limits, store: createMemoryLimits({ clock }), defaultOutputReserve: 1_024 },
    budgetStore: budgets,
  });
  const month = createBudgetMonths()("UTC", clock.epochMs());
  const account = { tenantId: "red", scope: "tenant", id: "red", ...month } as const;
  return {
    gateway,
    access: fixture.access,
    presented: { ...local, credential: secret },
    paidNanos: async () => (await budgets.standing(account)).spentNanos,
  };
}

let ids = 0;

const assemble = (parts: Pick<GatewayParts, "access"> & Partial<GatewayParts>): Gateway =>
  assembleGateway({
    snapshots: createSnapshotHolder(snapshot()),
    ledger: { open() {}, attempt() {}, settle() {} },
    records: noRecords,
    clock,
    newId: () => String(++ids),
    utf8Bytes,
    digest,
    reportFault(error) {
      throw error;
    },
    problems: () => [],
    settingsChanges: noChanges,
    states: new TargetStates(clock),
    random: Math.random,
    release: () => Promise.resolve(),
    ...parts,
  });

function snapshot(): Snapshot {
  const model = "in-memory";
  const provider: ConfiguredProvider = {
    name: "first",
    kind: "in-memory",
    source: "library",
    priority: 0,
    baseUrl: "",
    models: [model],
    adapter: createAnsweringAdapter(),
  };
  const targets = [{ provider, model, priority: 0 }];
  const price = { version: "1", inputPicos: 1_000n, outputPicos: 2_000n };
  return {
    version: 1,
    providers: new Map([["first", provider]]),
    routes: new Map([["default", { name: "default", source: "library", strategy: "priority", targets }]]),
    useCases: new Map(),
    loggingPolicy: "metadata",
    prices: { find: () => price },
    modelTable: { find: () => undefined },
  };
}

const request: ChatRequest = {
  messages: [{ role: "user", parts: [{ type: "text", text: "x".repeat(1_000) }] }],
  maxOutputTokens: 100,
};

async function costUs({ gateway, access, presented }: Called): Promise<number> {
  const before = process.threadCpuUsage();
  for (let done = 0; done < callsARound; done += atATime) {
    await Promise.all(
      Array.from({ length: atATime }, async () =>
        gateway.chat(request, { principal: await access.authenticate(presented) }),
      ),
    );
  }
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / callsARound;
}
