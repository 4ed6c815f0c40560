// Streams that go over to another target, as a run hands them out, and a gateway that gives them.

import type { ChatEvent, PartStart, Seam } from "../../src/core/chat/events.ts";
import type { Gateway } from "../../src/core/gateway.ts";
import type { Numbered, ReplyMeta } from "../../src/core/reply.ts";

const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const seamMeta: ReplyMeta = {
  requestId: id,
  provider: "second",
  model: "m-2",
  route: "default",
  attempts: 2,
  cacheStatus: "bypass",
  latencyMs: 3,
  costNanos: 7n,
  losses: [],
};
const started: ChatEvent = {
  type: "started",
  id,
  provider: "first",
  model: "m-1-2026",
  createdAtMs: 1_700_000_000_000,
  meta: { ...seamMeta, provider: "first", model: "m-1", attempts: 1 },
};
const seam = (policy: Seam["policy"]): Seam => ({
  type: "seam",
  provider: "second",
  model: "m-2-2026",
  policy,
  losses: [{ field: "sampling.seed", detail: "second has no such setting." }],
});
const usage: ChatEvent = {
  type: "usage",
  usage: { input: { total: 5 }, output: { total: 6 }, source: "reported" },
};

const begun = (index: number, part: PartStart): ChatEvent => ({ type: "part_started", index, part });
const delta = (index: number, text: string): ChatEvent => ({ type: "part_delta", index, text });
const done = (index: number): ChatEvent => ({ type: "part_finished", index });
const ends = (reason: "stop" | "tool_calls"): readonly ChatEvent[] => [
  usage,
  { type: "finished", reason, meta: seamMeta },
];
const text: PartStart = { kind: "text" };
const call = (callId: string): PartStart => ({ kind: "tool_call", id: callId, name: "send" });

/** "Hello, world", of which the second half is another target's. */
export const continued: readonly ChatEvent[] = [
  started,
  begun(0, text),
  delta(0, "Hello,"),
  seam("continue"),
  delta(0, " world"),
  done(0),
  ...ends("stop"),
];

/** "Hello, world" after the beginning of something else. */
export const restarted: readonly ChatEvent[] = [
  started,
  begun(0, { kind: "reasoning" }),
  delta(0, "Hm."),
  { type: "part_finished", index: 0, signature: "s1", vendor: "anthropic" },
  begun(1, text),
  delta(1, "Good mor"),
  seam("restart"),
  begun(0, text),
  delta(0, "Hello,"),
  delta(0, " world"),
  done(0),
  ...ends("stop"),
];

/** A call of a tool after the beginning of the same call. */
export const restartedCall: readonly ChatEvent[] = [
  started,
  begun(0, call("call_old")),
  delta(0, '{"to":"O'),
  seam("restart"),
  begun(0, call("call_new")),
  delta(0, '{"to":'),
  delta(0, '"Oslo"}'),
  done(0),
  ...ends("tool_calls"),
];

/** A text after the beginning of a refusal. */
export const restartedRefusal: readonly ChatEvent[] = [
  started,
  begun(0, { kind: "refusal" }),
  delta(0, "I will"),
  seam("restart"),
  begun(0, text),
  delta(0, "Hello, world"),
  done(0),
  ...ends("stop"),
];

/** Gives these events for every call, whatever is asked. */
export const streaming =
  (events: readonly ChatEvent[]) =>
  (gateway: Gateway): Gateway => ({
    ...gateway,
    stream: () => Promise.resolve({ meta: seamMeta, events: numbered(events) }),
  });

async function* numbered(events: readonly ChatEvent[]): AsyncGenerator<Numbered<ChatEvent>> {
  for (const [sequence, event] of events.entries()) yield { ...event, sequence };
}
