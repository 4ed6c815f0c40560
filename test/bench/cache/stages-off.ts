import { createServeFromCache } from "../../../src/core/cache/serve-from-cache.ts";
import { noAnswers } from "../../../src/core/cache/no-answers.ts";
import { beginCall, type Call } from "../../../src/core/call.ts";
import type { ChatEvent } from "../../../src/core/chat/events.ts";
import { chatOperation } from "../../../src/core/chat/operation.ts";
import type { ChatShape } from "../../../src/core/chat/shape.ts";
import { createModelLists } from "../../../src/core/model-lists.ts";
import { createOpenCalls } from "../../../src/core/open-calls.ts";
import type { Handler } from "../../../src/core/pipeline.ts";
import type { Numbered, Reply } from "../../../src/core/reply.ts";
import { targetsOf } from "../../../src/core/routing/find-targets.ts";
import { joinRun } from "../../../src/core/runs/join-run.ts";
import { Numbering } from "../../../src/core/runs/numbering.ts";
import type { ConfiguredProvider, Snapshot } from "../../../src/core/snapshot.ts";
import { watchEvents } from "../../../src/core/watch-events.ts";
import { systemClock as clock } from "../../../src/system-clock.ts";
import { digest } from "../../support/digest.ts";
import { limitedPrincipal } from "../../support/limited-principal.ts";
import type { Figure } from "../bench-context.ts";
import { createAnsweringAdapter } from "../faults/answering-adapter.ts";
import { median } from "../statistics.ts";

const limitUs = 1;
const rounds = 30;
const warmUpRounds = 4;
const callsARound = 2_000;
/** Each call is passed on so often in a round: some kernels tell a thread's time in steps of 10 ms. */
const timesEach = 100;

type Chat = Handler<Call<ChatShape>, Numbered<ChatEvent>>;

export const stagesOff: Figure = {
  name: "off",
  method: [
    "CPU of what the cache and runs ask of a call that has no part in them (CACHE_MODE=off, no idempotency key, not",
    "resumable), in process; microseconds of the thread. Baseline: the same calls, numbered and resolved to their",
    "targets as before there was a cache.",
    `The median of the differences of ${rounds} rounds of ${callsARound * timesEach} calls each, taken in turn.`,
  ],
  async measure() {
    const differences: number[] = [];
    const ours: number[] = [];
    const baseline: number[] = [];
    for (let round = -warmUpRounds; round < rounds; round += 1) {
      const costs =
        round % 2 === 0 ? await costsOf(asking, plain) : (await costsOf(plain, asking)).toReversed();
      const [askingUs = Number.NaN, plainUs = Number.NaN] = costs;
      if (round < 0) continue;
      ours.push(askingUs);
      baseline.push(plainUs);
      differences.push(askingUs - plainUs);
    }
    const difference = median(differences);
    return {
      lines: [
        {
          name: "CPU of cache and runs when they are off, a call",
          ours: `+${difference.toFixed(2)} µs`,
          baseline: `${median(baseline).toFixed(2)} µs`,
          ratio: (median(ours) / median(baseline)).toFixed(2),
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
const targets = { modelLists: createModelLists(clock), auditTrail: { note() {} } };
const routed: Handler<Call<ChatShape>, ChatEvent> = (call) => {
  void targetsOf(call, targets);
  return reply;
};

const serveFromCache = createServeFromCache<ChatShape>({
  ...targets,
  cache: noAnswers,
  digest,
  clock,
  answerMaxBytes: 0,
  flightLogMaxBytes: 0,
});
const noRuns = { join: () => Promise.reject(new Error("No call of this figure is joined to a run.")) };
const asking: Chat = joinRun<ChatShape>(noRuns, (call) => serveFromCache(call, routed));

const plain: Chat = async (call) => {
  const { meta, events } = await routed(call);
  return { meta, events: watchEvents(events, new Numbering<ChatEvent>()) };
};

const costsOf = async (first: Chat, second: Chat): Promise<readonly number[]> => [
  await costUs(first),
  await costUs(second),
];

const principal = limitedPrincipal({ key: {} });
const request = {
  messages: [{ role: "user", parts: [{ type: "text", text: "x".repeat(1_000) }] }],
} as const;
const openCalls = createOpenCalls();

const provider: ConfiguredProvider = {
  name: "first",
  kind: "in-memory",
  source: "library",
  priority: 0,
  baseUrl: "",
  models: ["in-memory"],
  adapter: createAnsweringAdapter(),
};
const snapshot: Snapshot = {
  version: 1,
  providers: new Map([["first", provider]]),
  routes: new Map([
    [
      "default",
      {
        name: "default",
        source: "library",
        strategy: "priority",
        targets: [{ provider, model: "in-memory", priority: 0 }],
      },
    ],
  ]),
  useCases: new Map(),
  loggingPolicy: "none",
  prices: { find: () => undefined },
  modelTable: { find: () => undefined },
  cache: { mode: "off", ttlSeconds: 3_600 },
};

let calls = 0;

async function costUs(chain: Chat): Promise<number> {
  const begun = Array.from({ length: callsARound }, () =>
    beginCall<ChatShape>(
      { operation: chatOperation, request, delivery: "unary", labels: {}, options: { principal } },
      { clock, newId: () => String(++calls), snapshot, openCalls },
    ),
  );
  const before = process.threadCpuUsage();
  for (let time = 0; time < timesEach; time += 1) {
    for (const call of begun) {
      // As if nobody had looked for its targets.
      call.resolvedModel = undefined;
      await chain(call);
    }
  }
  const { user, system } = process.threadCpuUsage(before);
  for (const call of begun) call.release();
  return (user + system) / (callsARound * timesEach);
}
