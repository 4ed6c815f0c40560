import { beginCall } from "../../../src/core/call.ts";
import type { ChatEvent } from "../../../src/core/chat/events.ts";
import { chatOperation } from "../../../src/core/chat/operation.ts";
import type { ChatShape } from "../../../src/core/chat/shape.ts";
import type { Call } from "../../../src/core/call.ts";
import { createLimitRequests } from "../../../src/core/limits/limit-requests.ts";
import { createReserveTokens } from "../../../src/core/limits/reserve-tokens.ts";
import { createOpenCalls } from "../../../src/core/open-calls.ts";
import type { Handler } from "../../../src/core/pipeline.ts";
import type { Reply } from "../../../src/core/reply.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { createMemoryLimits } from "../../../src/stores/memory/memory-limits.ts";
import { systemClock as clock } from "../../../src/system-clock.ts";
import { limitedPrincipal } from "../../support/limited-principal.ts";
import type { MeasuredFigure } from "../figure.ts";
import { median } from "../statistics.ts";
import type { LimitLine, LimitsContext } from "./limits-context.ts";
import { utf8Bytes } from "../../support/utf8-bytes.ts";

const limitUs = 5;
const rounds = 60;
const callsARound = 2_000;
const warmUpRounds = 20;
const tenants = 1_000;

type Chat = Handler<Call<ChatShape>, ChatEvent>;

export const limitStages: MeasuredFigure<LimitsContext, LimitLine> = {
  name: "stages",
  method: [
    "CPU of both stages of limits, a call: requests and tokens of tenant and key, reserved and put right, in memory;",
    `microseconds of the thread. Calls are of ${tenants} tenants with a key each and of a question of 1,000 characters.`,
    "Baseline, in the same process: the same calls without the stages.",
    `The median of the differences of ${rounds} rounds of ${callsARound} calls each, taken in turn.`,
  ],
  async measure() {
    const [limited, plain] = [limitedChain(), answered];
    const differences: number[] = [];
    for (let round = -warmUpRounds; round < rounds; round += 1) {
      const difference = (await costUs(limited)) - (await costUs(plain));
      if (round >= 0) differences.push(difference);
    }
    const difference = median(differences);
    return {
      lines: [
        {
          name: "CPU of the stages of limits, a call",
          measured: `${difference.toFixed(2)} µs`,
          limit: `≤ ${limitUs} µs`,
          holds: difference <= limitUs,
        },
      ],
      notes: [],
    };
  },
};

/** As a route that has its answer would. */
const reply: Promise<Reply<ChatEvent>> = Promise.resolve({
  meta: { requestId: "", attempts: 1, cacheStatus: "bypass", losses: [] },
  events: {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
  },
});
const answered: Chat = () => reply;

function limitedChain(): Chat {
  const limits = {
    store: createMemoryLimits({ clock }),
    requestsPerMinute: 1_000_000_000,
    tokensPerMinute: 1_000_000_000_000,
    defaultOutputReserve: 1_024,
  };
  const limitRequests = createLimitRequests({ limits, refused() {} });
  const reserve = createReserveTokens(limits, utf8Bytes);
  const reserved: Chat = (call) => reserve(call, answered);
  return (call) => limitRequests(call, reserved);
}

const principals = Array.from({ length: tenants }, (_, n) =>
  limitedPrincipal({ key: {} }, { tenantId: `tenant-${n}`, apiKeyId: `key-${n}` }),
);
const request = { messages: [{ role: "user", parts: [{ type: "text", text: "x".repeat(1_000) }] }] } as const;
const openCalls = createOpenCalls();
const snapshot: Snapshot = {
  version: 1,
  providers: new Map(),
  routes: new Map(),
  useCases: new Map(),
  loggingPolicy: "none",
  prices: { find: () => undefined },
  modelTable: { find: () => undefined },
};

let calls = 0;

async function costUs(chain: Chat): Promise<number> {
  const begun = Array.from({ length: callsARound }, (_, n) => {
    const principal = principals[n % tenants];
    return beginCall<ChatShape>(
      {
        operation: chatOperation,
        request,
        delivery: "unary",
        labels: {},
        options: principal === undefined ? { principal: limitedPrincipal({}) } : { principal },
      },
      { clock, newId: () => String(++calls), snapshot, openCalls },
    );
  });
  const before = process.threadCpuUsage();
  for (const call of begun) {
    await chain(call);
    call.release();
  }
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / callsARound;
}
