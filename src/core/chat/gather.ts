// A streamed chat folded into one answer. No object that is made for each call has a getter: V8 gives each such
// object a hidden class of its own, which keeps the call in memory until a full collection.

import { GatewayError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { Reply, ReplyMeta } from "../reply.ts";
import { allOf } from "../watch-events.ts";
import type { ChatEvent, Citation, FinishReason, OpaqueStart, PartStart, Seam } from "./events.ts";
import { GrowingText } from "./growing-text.ts";
import type { MediaSource } from "./request.ts";
import type { Usage } from "./usage.ts";

/** A part of an answer, whole. */
export type ReplyPart =
  | { readonly kind: "text"; readonly text: string; readonly logprobs?: readonly JsonValue[] | undefined }
  | {
      readonly kind: "reasoning";
      readonly text: string;
      readonly signature?: string | undefined;
      readonly redactedData?: string | undefined;
      readonly vendor?: string | undefined;
    }
  | { readonly kind: "refusal"; readonly text: string; readonly logprobs?: readonly JsonValue[] | undefined }
  | {
      readonly kind: "tool_call";
      readonly id: string;
      readonly name: string;
      readonly argumentsJson: string;
      readonly signature?: string | undefined;
      readonly vendor?: string | undefined;
    }
  | { readonly kind: "citation"; readonly citation: Citation }
  | { readonly kind: "image"; readonly source: MediaSource }
  | OpaqueStart;

export interface ChatReply {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly createdAtMs: number;
  readonly parts: readonly ReplyPart[];
  readonly finishReason: FinishReason;
  readonly rawReason?: string | undefined;
  readonly stopSequence?: string | undefined;
  readonly usage?: Usage | undefined;
  readonly meta: ReplyMeta;
}

interface OpenPart {
  readonly start: PartStart;
  readonly text: GrowingText;
  logprobs: JsonValue[] | undefined;
  signature: string | undefined;
  redactedData: string | undefined;
  vendor: string | undefined;
}

export interface PartGatherer {
  /** A seam that restarts the answer voids what came before it. */
  add(event: ChatEvent): void;
  /** Characters of all parts that count. */
  chars(): number;
  parts(): readonly ReplyPart[];
}

/** What the shortest part, and the log probability of a token, take as JSON at least. */
const leastPartChars = 20;
const leastLogprobChars = 40;

/**
 * Gathers the parts of a stream, whether or not it comes to its end. Of parts that are longer together than
 * `keepMaxChars`, which whoever keeps them cuts, no more is held than shows that they are.
 */
export function createPartGatherer(keepMaxChars = Number.POSITIVE_INFINITY): PartGatherer {
  const open: (OpenPart | undefined)[] = [];
  const mostChars = keepMaxChars === 0 ? 0 : keepMaxChars + 1;
  let left = mostChars;
  let chars = 0;
  return {
    chars: () => chars,
    add(event) {
      if (event.type === "part_delta") {
        const { text, logprobs } = event;
        chars += text.length;
        const part = left > 0 ? open[event.index] : undefined;
        if (part === undefined) return;
        part.text.add(text.length > left ? text.slice(0, left) : text);
        left -= text.length;
        if (logprobs === undefined) return;
        (part.logprobs ??= []).push(logprobs);
        left -= leastLogprobChars;
      } else if (event.type === "part_started") {
        open[event.index] = left > 0 ? openPart(event.part) : undefined;
        left -= leastPartChars;
      } else if (event.type === "part_finished") {
        const part = open[event.index];
        if (part === undefined) return;
        part.signature = event.signature;
        part.redactedData = event.redactedData;
        part.vendor = event.vendor;
      } else if (event.type === "seam" && event.policy === "restart") {
        open.length = 0;
        left = mostChars;
        chars = 0;
      }
    },
    parts() {
      const parts: ReplyPart[] = [];
      for (const part of open) if (part !== undefined) parts.push(wholePart(part));
      return parts;
    },
  };
}

const openPart = (start: PartStart): OpenPart => ({
  start,
  text: new GrowingText(),
  logprobs: undefined,
  signature: undefined,
  redactedData: undefined,
  vendor: undefined,
});

function wholePart({ start, text, logprobs, signature, redactedData, vendor }: OpenPart): ReplyPart {
  switch (start.kind) {
    case "text":
      return { kind: "text", text: text.whole(), logprobs };
    case "reasoning":
      return { kind: "reasoning", text: text.whole(), signature, redactedData, vendor };
    case "refusal":
      return { kind: "refusal", text: text.whole(), logprobs };
    case "tool_call": {
      const { id, name } = start;
      return { kind: "tool_call", id, name, argumentsJson: text.whole(), signature, vendor };
    }
    case "citation":
    case "image":
    case "opaque":
      return start;
  }
}

/**
 * Reads a reply to its end. After a seam it is the last target's.
 * @throws GatewayError as the stream does
 */
export async function gatherReply(reply: Reply<ChatEvent>): Promise<ChatReply> {
  const gatherer = createPartGatherer();
  let usage: Usage | undefined;
  let started: Extract<ChatEvent, { type: "started" }> | undefined;
  let seam: Seam | undefined;
  let finished: Extract<ChatEvent, { type: "finished" }> | undefined;
  for (const event of await allOf(reply.events, ({ type }) => type === "finished")) {
    if (event.type === "started") started = event;
    else if (event.type === "usage") usage = event.usage;
    else if (event.type === "finished") finished = event;
    else {
      if (event.type === "seam") seam = event;
      gatherer.add(event);
    }
  }
  if (started === undefined || finished === undefined) {
    throw new GatewayError({ code: "internal", message: "The reply ended without its first or last event." });
  }
  return {
    id: started.id,
    provider: seam?.provider ?? started.provider,
    model: seam?.model ?? started.model,
    createdAtMs: started.createdAtMs,
    parts: gatherer.parts(),
    finishReason: finished.reason,
    rawReason: finished.rawReason,
    stopSequence: finished.stopSequence,
    usage,
    meta: finished.meta,
  };
}
