// Any events of a chat, alone and as whole streams.

import fc from "fast-check";
import type { ChatEvent, FinishReason, PartStart, ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { JsonValue } from "../../../src/core/json.ts";
import type { ReplyMeta } from "../../../src/core/reply.ts";
import type { Usage } from "../../../src/core/chat/usage.ts";
import type { MediaSource } from "../../../src/core/chat/request.ts";
import {
  anyCount,
  anyJson,
  anyLosses,
  anyMeta,
  anyNumber,
  anyText,
  anyUsage,
  maybeText,
} from "../any-reply.ts";

const anySource: fc.Arbitrary<MediaSource> = fc.oneof(
  fc.record({ data: anyText, mediaType: anyText }),
  fc.record({ url: anyText, mediaType: maybeText }, { requiredKeys: ["url"] }),
);

const kind = <K extends PartStart["kind"]>(name: K): fc.Arbitrary<K> => fc.constant(name);

/** Without those that may not be kept. */
const anyKeptStart: fc.Arbitrary<PartStart> = fc.oneof(
  fc.record({ kind: kind("text") }),
  fc.record({ kind: kind("reasoning") }),
  fc.record({ kind: kind("tool_call"), id: anyText, name: anyText }),
  fc.record({
    kind: kind("citation"),
    citation: fc.record(
      { url: maybeText, title: maybeText, citedText: maybeText, raw: anyJson },
      { requiredKeys: ["raw"] },
    ),
  }),
  fc.record({ kind: kind("image"), source: anySource }),
  fc.record({ kind: kind("opaque"), vendor: anyText, type: anyText, json: anyJson }),
);
const anyStart = fc.oneof(anyKeptStart, fc.record({ kind: kind("refusal") }));

const type = <T extends ChatEvent["type"]>(name: T): fc.Arbitrary<T> => fc.constant(name);
const reasons: readonly FinishReason[] = ["stop", "length", "tool_calls", "content_filter", "refusal"];

const anyBetween = fc.oneof(
  fc.record({ type: type("part_started"), index: anyCount, part: anyStart }),
  fc.record(
    { type: type("part_delta"), index: anyCount, text: anyText, logprobs: anyJson },
    { requiredKeys: ["type", "index", "text"] },
  ),
  fc.record(
    {
      type: type("part_finished"),
      index: anyCount,
      signature: maybeText,
      redactedData: maybeText,
      vendor: maybeText,
    },
    { requiredKeys: ["type", "index"] },
  ),
  fc.record({ type: type("usage"), usage: anyUsage }),
);

const end = {
  type: type("finished"),
  reason: fc.constantFrom(...reasons),
  rawReason: maybeText,
  stopSequence: maybeText,
};

export const anyChatEvent: fc.Arbitrary<ChatEvent> = fc.oneof(
  fc.record({
    type: type("started"),
    id: anyText,
    provider: anyText,
    model: anyText,
    createdAtMs: anyNumber,
    meta: anyMeta,
  }),
  fc.record({
    type: type("seam"),
    provider: anyText,
    model: anyText,
    policy: fc.constantFrom("restart", "continue"),
    losses: anyLosses,
  }),
  anyBetween,
  fc.record({ ...end, meta: anyMeta }, { requiredKeys: ["type", "reason", "meta"] }),
);

export const anyProviderChatEvent: fc.Arbitrary<ProviderChatEvent> = fc.oneof(
  fc.record(
    { type: type("started"), model: maybeText, usage: fc.option(anyUsage, { nil: undefined }) },
    { requiredKeys: ["type"] },
  ),
  anyBetween,
  fc.record(end, { requiredKeys: ["type", "reason"] }),
);

type Step =
  | { readonly does: "begin"; readonly part: PartStart }
  | {
      readonly does: "say";
      readonly at: number;
      readonly text: string;
      readonly logprobs: JsonValue | undefined;
    }
  | { readonly does: "finish"; readonly at: number; readonly proof: string | undefined }
  | { readonly does: "tell"; readonly event: ChatEvent };

const does = <D extends Step["does"]>(name: D): fc.Arbitrary<D> => fc.constant(name);

/** Mostly a few characters; some are longer than what is kept as one event. */
const anyDelta = fc.oneof(
  { weight: 20, arbitrary: anyText },
  { weight: 1, arbitrary: fc.nat({ max: 40_000 }).map((units) => `x${"😀".repeat(units / 2)}`) },
);

const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: does("begin"), part: anyKeptStart }) },
  {
    weight: 12,
    arbitrary: fc.record({
      does: does("say"),
      at: fc.nat(),
      text: anyDelta,
      logprobs: fc.option(anyJson, { nil: undefined, freq: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: does("finish"), at: fc.nat(), proof: maybeText }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: does("tell"),
      event: fc.oneof(
        fc.record({ type: type("usage"), usage: anyUsage }),
        fc.record({
          type: type("seam"),
          provider: anyText,
          model: anyText,
          policy: fc.constantFrom("restart", "continue"),
          losses: anyLosses,
        }),
      ),
    }),
  },
);

function eventsOf(steps: readonly Step[]): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  let open: number[] = [];
  let next = 0;
  for (const step of steps) {
    if (step.does === "tell") {
      events.push(step.event);
      if (step.event.type !== "seam" || step.event.policy === "continue") continue;
      open = [];
      next = 0;
    } else if (step.does === "begin") {
      events.push({ type: "part_started", index: next, part: step.part });
      if (hasDeltas(step.part)) open.push(next);
      else events.push({ type: "part_finished", index: next });
      next += 1;
    } else {
      const index = open[step.at % open.length];
      if (index === undefined) continue;
      if (step.does === "say") {
        const { text, logprobs } = step;
        events.push({ type: "part_delta", index, text, ...(logprobs === undefined ? {} : { logprobs }) });
      } else {
        events.push({
          type: "part_finished",
          index,
          signature: step.proof,
          redactedData: step.proof,
          vendor: step.proof,
        });
        open = open.filter((other) => other !== index);
      }
    }
  }
  for (const index of open) events.push({ type: "part_finished", index });
  return events;
}

const hasDeltas = ({ kind }: PartStart): boolean =>
  kind === "text" || kind === "reasoning" || kind === "tool_call";

interface Told {
  readonly model: string;
  readonly meta: ReplyMeta;
  readonly steps: readonly Step[];
  readonly usage: Usage | undefined;
  readonly reason: FinishReason;
  readonly rawReason: string | undefined;
  readonly stopSequence: string | undefined;
}

const streamOf = ({ model, meta, steps, usage, ...end }: Told): readonly ChatEvent[] => [
  { type: "started", id: "id", provider: "first", model, createdAtMs: 1, meta },
  ...eventsOf(steps),
  ...(usage === undefined ? [] : [{ type: "usage", usage } as const]),
  { type: "finished", ...end, meta },
];

/** With several parts, open at once or not, and seams; without a refusal. */
export const anyWholeStream: fc.Arbitrary<readonly ChatEvent[]> = fc
  .record({
    model: anyText,
    meta: anyMeta,
    steps: fc.array(anyStep, { maxLength: 40 }),
    usage: fc.option(anyUsage, { nil: undefined }),
    reason: fc.constantFrom<FinishReason>("stop", "tool_calls"),
    rawReason: maybeText,
    stopSequence: maybeText,
  })
  .map(streamOf);
