// The events of a streamed chat.

import type * as core from "../../../core/chat/events.ts";
import type { Numbered } from "../../../core/reply.ts";
import { builder } from "../builder.ts";
import { FinishReasonEnum } from "./chat-reply.ts";
import { Citation, Media, Opaque, PartKindEnum } from "./content.ts";
import { Loss, ReplyMeta } from "./reply-meta.ts";
import { InputTokens, OutputTokens, UsageSourceEnum } from "./usage.ts";

const typeNames = {
  started: "Started",
  part_started: "PartStarted",
  part_delta: "PartDelta",
  part_finished: "PartFinished",
  seam: "Seam",
  usage: "Usage",
  finished: "Finished",
} as const satisfies Record<core.ChatEvent["type"], string>;

export const ChatEvent = builder.interfaceRef<Numbered<core.ChatEvent>>("ChatEvent").implement({
  description: "One element of a streamed answer. A whole stream ends with exactly one `Finished`.",
  resolveType: (event) => typeNames[event.type],
  fields: (t) => ({
    sequence: t.exposeInt("sequence", { description: "Counts from 0 and never restarts." }),
  }),
});

builder.objectRef<Numbered<core.Started>>("Started").implement({
  description: "A provider has begun to answer; always the first event.",
  interfaces: [ChatEvent],
  fields: (t) => ({
    id: t.exposeID("id", { description: "The gateway's id of the call." }),
    provider: t.exposeString("provider", { description: "A configured provider's name." }),
    model: t.exposeString("model", { description: "The vendor's own name of what answers." }),
    createdAt: t.expose("createdAtMs", { type: "DateTime", description: "When the call came in." }),
    meta: t.expose("meta", { type: ReplyMeta, description: "What is known of the call by now." }),
  }),
});

const ToolCallStart = builder.objectRef<{ id: string; name: string }>("ToolCallStart").implement({
  description: "A tool call; its arguments follow as deltas of JSON text.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "What the result has to refer to." }),
    name: t.exposeString("name", { description: "The tool's name." }),
  }),
});

builder.objectRef<Numbered<core.PartStarted>>("PartStarted").implement({
  description:
    "A part of the answer begins; several may be open at once. Citations, images and opaque parts come " +
    "whole and have no delta.",
  interfaces: [ChatEvent],
  fields: (t) => ({
    index: t.exposeInt("index", { description: "Which part." }),
    kind: t.field({ type: PartKindEnum, resolve: ({ part }) => part.kind }),
    tool: t.field({
      type: ToolCallStart,
      nullable: true,
      resolve: ({ part }) => (part.kind === "tool_call" ? part : null),
    }),
    citation: t.field({
      type: Citation,
      nullable: true,
      resolve: ({ part }) => (part.kind === "citation" ? part.citation : null),
    }),
    image: t.field({
      type: Media,
      nullable: true,
      resolve: ({ part }) => (part.kind === "image" ? part.source : null),
    }),
    opaque: t.field({
      type: Opaque,
      nullable: true,
      resolve: ({ part }) => (part.kind === "opaque" ? part : null),
    }),
  }),
});

builder.objectRef<Numbered<core.PartDelta>>("PartDelta").implement({
  description: "More of a part.",
  interfaces: [ChatEvent],
  fields: (t) => ({
    index: t.exposeInt("index", { description: "Which part." }),
    text: t.exposeString("text", {
      description: "More text, or more of a tool call's arguments as JSON text.",
    }),
    logprobs: t.expose("logprobs", {
      type: "JSON",
      nullable: true,
      description: "The vendor's log probabilities of these tokens, as it sent them.",
    }),
  }),
});

builder.objectRef<Numbered<core.PartFinished>>("PartFinished").implement({
  description: "A part is complete.",
  interfaces: [ChatEvent],
  fields: (t) => ({
    index: t.exposeInt("index", { description: "Which part." }),
    signature: t.exposeString("signature", {
      nullable: true,
      description: "The vendor's proof that reasoning or a tool call is the model's own.",
    }),
    redactedData: t.exposeString("redactedData", {
      nullable: true,
      description: "Reasoning that the vendor gives in encrypted form only.",
    }),
    vendor: t.exposeString("vendor", {
      nullable: true,
      description: "Whose proof it is, as `anthropic`.",
    }),
  }),
});

builder.objectRef<Numbered<core.UsageTold>>("Usage").implement({
  description: "What was used, at most once. Null is unknown, which is not zero.",
  interfaces: [ChatEvent],
  fields: (t) => ({
    input: t.field({ type: InputTokens, resolve: ({ usage }) => usage.input }),
    output: t.field({ type: OutputTokens, resolve: ({ usage }) => usage.output }),
    source: t.field({ type: UsageSourceEnum, resolve: ({ usage }) => usage.source }),
  }),
});

const SeamPolicyEnum = builder.enumType("SeamPolicy", {
  description: "What becomes of an answer whose stream went over to another target.",
  values: {
    RESTART: {
      value: "restart",
      description: "It is void: a new answer begins, and the indices of its parts begin at 0 again.",
    },
    CONTINUE: {
      value: "continue",
      description: "It goes on: more deltas come for the open part, under its index.",
    },
  } satisfies Record<Uppercase<core.Seam["policy"]>, { value: core.Seam["policy"]; description: string }>,
});

builder.objectRef<Numbered<core.Seam>>("Seam").implement({
  description: "The stream broke and goes over to another target: under the same id, with the next sequence.",
  interfaces: [ChatEvent],
  fields: (t) => ({
    provider: t.exposeString("provider", {
      description: "Who answers from here on: a configured provider's name.",
    }),
    model: t.exposeString("model", {
      description: "The vendor's own name of what answers, as far as it is known by now.",
    }),
    policy: t.expose("policy", {
      type: SeamPolicyEnum,
      description: "What becomes of the answer so far.",
    }),
    losses: t.expose("losses", {
      type: [Loss],
      description: "What could not be carried over to this provider.",
    }),
  }),
});

builder.objectRef<Numbered<core.Finished>>("Finished").implement({
  description: "The answer is complete; always the last event.",
  interfaces: [ChatEvent],
  fields: (t) => ({
    reason: t.expose("reason", { type: FinishReasonEnum, description: "Why it ended." }),
    rawReason: t.exposeString("rawReason", { nullable: true, description: "The vendor's word for it." }),
    stopSequence: t.exposeString("stopSequence", {
      nullable: true,
      description: "The text at which it stopped.",
    }),
    meta: t.expose("meta", { type: ReplyMeta, description: "All that is known of the call." }),
  }),
});
