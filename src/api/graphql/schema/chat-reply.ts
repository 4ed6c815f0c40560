// A whole answer, and the mutation that gives it.

import type { FinishReason } from "../../../core/chat/events.ts";
import type { ChatReply as ChatReplyShape, ReplyPart as ReplyPartShape } from "../../../core/chat/gather.ts";
import { withWishes } from "../../call-wishes.ts";
import { builder } from "../builder.ts";
import { toChatRequest } from "../input-mapping.ts";
import { toWishes } from "../wish-mapping.ts";
import { answerHead, answerTail } from "./answer-fields.ts";
import { ChatInput } from "./chat-input.ts";
import { Citation, Media, Opaque, PartKindEnum } from "./content.ts";

export const FinishReasonEnum = builder.enumType("FinishReason", {
  description: "Why an answer ended.",
  values: {
    STOP: { value: "stop", description: "The model was done, or met a stop text." },
    LENGTH: { value: "length", description: "The most tokens allowed were reached." },
    TOOL_CALLS: { value: "tool_calls", description: "The model waits for the results of its tool calls." },
    CONTENT_FILTER: {
      value: "content_filter",
      description: "The provider cut the answer off for its content.",
    },
    REFUSAL: { value: "refusal", description: "The model refused to answer." },
  } satisfies Record<Uppercase<FinishReason>, { value: FinishReason; description: string }>,
});

type PartOf<K extends ReplyPartShape["kind"]> = Extract<ReplyPartShape, { kind: K }>;

const Reasoning = builder.objectRef<PartOf<"reasoning">>("Reasoning").implement({
  description: "What a model thought.",
  fields: (t) => ({
    text: t.exposeString("text", { description: "The readable text; may be empty." }),
    signature: t.exposeString("signature", {
      nullable: true,
      description: "The vendor's proof that the text is the model's own.",
    }),
    redactedData: t.exposeString("redactedData", {
      nullable: true,
      description: "Reasoning that the vendor gives in encrypted form only.",
    }),
    vendor: t.exposeString("vendor", {
      nullable: true,
      description: "Whose proof that is, as `anthropic`; to be given back with it.",
    }),
  }),
});

const ToolCall = builder.objectRef<PartOf<"tool_call">>("ToolCall").implement({
  description: "A call of a tool by the model.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "What the result has to refer to." }),
    name: t.exposeString("name", { description: "The tool's name." }),
    argumentsJson: t.exposeString("argumentsJson", {
      description: "The arguments as the model wrote them: JSON text, usually of an object.",
    }),
    signature: t.exposeString("signature", {
      nullable: true,
      description: "The proof that the vendor gave with the call; to be given back with it.",
    }),
    vendor: t.exposeString("vendor", { nullable: true, description: "Whose proof it is." }),
  }),
});

const ReplyPart = builder.objectRef<ReplyPartShape>("ReplyPart").implement({
  description: "One piece of an answer: of its contents exactly the one that `kind` names.",
  fields: (t) => ({
    kind: t.expose("kind", { type: PartKindEnum }),
    text: t.string({ nullable: true, resolve: (part) => (part.kind === "text" ? part.text : null) }),
    reasoning: t.field({
      type: Reasoning,
      nullable: true,
      resolve: (part) => (part.kind === "reasoning" ? part : null),
    }),
    refusal: t.string({ nullable: true, resolve: (part) => (part.kind === "refusal" ? part.text : null) }),
    toolCall: t.field({
      type: ToolCall,
      nullable: true,
      resolve: (part) => (part.kind === "tool_call" ? part : null),
    }),
    citation: t.field({
      type: Citation,
      nullable: true,
      resolve: (part) => (part.kind === "citation" ? part.citation : null),
    }),
    image: t.field({
      type: Media,
      nullable: true,
      resolve: (part) => (part.kind === "image" ? part.source : null),
    }),
    opaque: t.field({
      type: Opaque,
      nullable: true,
      resolve: (part) => (part.kind === "opaque" ? part : null),
    }),
    logprobs: t.field({
      type: ["JSON"],
      nullable: true,
      description:
        "The vendor's log probabilities of a text's or a refusal's tokens, in pieces as they came.",
      resolve: (part) => ("logprobs" in part ? part.logprobs : null),
    }),
  }),
});

const textOf = (parts: readonly ReplyPartShape[]): string =>
  parts.reduce((text, part) => (part.kind === "text" ? text + part.text : text), "");

const ChatReply = builder.objectRef<ChatReplyShape>("ChatReply").implement({
  description: "A whole answer.",
  fields: (t) => ({
    ...answerHead(t),
    parts: t.expose("parts", { type: [ReplyPart], description: "The answer." }),
    text: t.string({
      description: "The text of all text parts, joined.",
      resolve: ({ parts }) => textOf(parts),
    }),
    finishReason: t.expose("finishReason", { type: FinishReasonEnum, description: "Why it ended." }),
    rawReason: t.exposeString("rawReason", { nullable: true, description: "The vendor's word for it." }),
    stopSequence: t.exposeString("stopSequence", {
      nullable: true,
      description: "The text at which it stopped, where the vendor says so.",
    }),
    ...answerTail(t),
  }),
});

builder.mutationField("chat", (t) =>
  t.field({
    type: ChatReply,
    authScopes: { permission: "gateway:use" },
    description: "Asks a model and gives its answer when it is complete.",
    args: { input: t.arg({ type: ChatInput, required: true }) },
    async resolve(_, { input }, context) {
      const { gateway, caller, signal } = context;
      const reply = await gateway.chat(toChatRequest(input), {
        ...withWishes(caller, toWishes(input)),
        signal,
      });
      context.replyMeta = reply.meta;
      return reply;
    },
  }),
);
