// A conversation and how it is to be continued: the protobuf's ChatRequest, field for field.

import type { ReasoningEffort, Role, ToolChoice } from "../../../core/chat/request.ts";
import { builder } from "../builder.ts";
import { CacheInput } from "./cache-input.ts";
import { CacheHintEnum, PartInput } from "./part-input.ts";

const RoleEnum = builder.enumType("Role", {
  description: "Who speaks.",
  values: {
    SYSTEM: { value: "system", description: "Instructions to the model." },
    USER: { value: "user", description: "The person or program that asks." },
    ASSISTANT: { value: "assistant", description: "The model." },
    TOOL: { value: "tool", description: "The results of tool calls." },
  } satisfies Record<Uppercase<Role>, { value: Role; description: string }>,
});

const MessageInput = builder.inputType("MessageInput", {
  description: "One turn of a conversation.",
  fields: (t) => ({
    role: t.field({ type: RoleEnum, required: true, description: "Who speaks." }),
    parts: t.field({ type: [PartInput], required: true, description: "What is said: at least one part." }),
    name: t.string({ description: "The speaker's name, where several have one role." }),
  }),
});

const ToolInput = builder.inputType("ToolInput", {
  description: "A function that the model may ask to have called.",
  fields: (t) => ({
    name: t.string({ required: true, description: "1 to 128 letters, digits, `_`, `.` or `-`." }),
    description: t.string({ description: "When and how to use it." }),
    parameters: t.field({ type: "JSON", description: "JSON Schema of the arguments. Absent: none." }),
    strict: t.boolean({ description: "Ask the provider to hold the arguments to the schema." }),
    cacheHint: t.field({
      type: CacheHintEnum,
      description: "A wish that the provider caches the prompt up to this tool.",
    }),
  }),
});

type ToolChoiceMode = ToolChoice["type"];

const ToolChoiceModeEnum = builder.enumType("ToolChoiceMode", {
  description: "How the choice of tools is made.",
  values: {
    AUTO: { value: "auto", description: "The model decides." },
    NONE: { value: "none", description: "No tool is called." },
    REQUIRED: { value: "required", description: "Some tool is called." },
    TOOL: { value: "tool", description: "The named tool is called." },
  } satisfies Record<Uppercase<ToolChoiceMode>, { value: ToolChoiceMode; description: string }>,
});

const ToolChoiceInput = builder.inputType("ToolChoiceInput", {
  description: "Whether tools are called.",
  fields: (t) => ({
    mode: t.field({ type: ToolChoiceModeEnum, description: "Absent: the model decides." }),
    name: t.string({ description: "The tool to call, with the mode TOOL." }),
  }),
});

const JsonSchemaFormatInput = builder.inputType("JsonSchemaFormatInput", {
  description: "JSON of a schema.",
  fields: (t) => ({
    name: t.string({ required: true, description: "1 to 64 letters, digits, `_` or `-`." }),
    description: t.string({ description: "What the answer is for." }),
    schema: t.field({ type: "JSON", required: true, description: "The JSON Schema." }),
    strict: t.boolean({ description: "Ask the provider to hold the answer to the schema." }),
  }),
});

const ResponseFormatInput = builder.inputType("ResponseFormatInput", {
  description: "The form of an answer: at most one of these. None: text.",
  fields: (t) => ({
    text: t.field({ type: "JSON", description: "Plain text; an empty object." }),
    json: t.field({ type: "JSON", description: "Any JSON object; an empty object." }),
    jsonSchema: t.field({ type: JsonSchemaFormatInput, description: "JSON of a schema." }),
  }),
});

const SamplingInput = builder.inputType("SamplingInput", {
  description: "How tokens are drawn. What a provider does not know is listed among the reply's losses.",
  fields: (t) => ({
    temperature: t.float({ description: "0 to 2." }),
    topP: t.float({ description: "0 to 1." }),
    topK: t.int({ description: "1 or more." }),
    seed: t.field({ type: "Long", description: "For repeatable answers, where the provider offers them." }),
    frequencyPenalty: t.float({ description: "-2 to 2." }),
    presencePenalty: t.float({ description: "-2 to 2." }),
  }),
});

const ReasoningEffortEnum = builder.enumType("ReasoningEffort", {
  description: "How hard a model reasons.",
  values: {
    NONE: { value: "none", description: "Not at all." },
    MINIMAL: { value: "minimal", description: "As little as possible." },
    LOW: { value: "low", description: "A little." },
    MEDIUM: { value: "medium", description: "Some." },
    HIGH: { value: "high", description: "Much." },
    XHIGH: { value: "xhigh", description: "As much as possible." },
  } satisfies Record<Uppercase<ReasoningEffort>, { value: ReasoningEffort; description: string }>,
});

const ReasoningWishInput = builder.inputType("ReasoningWishInput", {
  description: "How much a model may reason before it answers.",
  fields: (t) => ({
    effort: t.field({ type: ReasoningEffortEnum, description: "How hard." }),
    budgetTokens: t.int({
      description: "The most tokens of reasoning, for providers that count them.",
    }),
  }),
});

export const ChatInput = builder.inputType("ChatInput", {
  description: "A conversation and how it is to be continued.",
  fields: (t) => ({
    model: t.string({
      description:
        "A route, `auto`, `provider/model`, or a model that exactly one provider lists. Absent: the route of " +
        "the use case in `labels`, else the route `default`.",
    }),
    messages: t.field({
      type: [MessageInput],
      required: true,
      description: "The conversation so far: at least one message.",
    }),
    tools: t.field({ type: [ToolInput], description: "Tools that the model may call." }),
    toolChoice: t.field({
      type: ToolChoiceInput,
      description: "Whether the model may, must or must not call tools. Absent: the model decides.",
    }),
    parallelToolCalls: t.boolean({
      description: "Whether several tools may be called at once. Absent: the provider's default.",
    }),
    responseFormat: t.field({
      type: ResponseFormatInput,
      description: "The form of the answer. Absent: text.",
    }),
    sampling: t.field({ type: SamplingInput, description: "How tokens are drawn." }),
    maxOutputTokens: t.int({
      description: "The most tokens that the answer may have. Absent: the provider's default.",
    }),
    stop: t.stringList({ description: "Up to 16 texts at which the model stops." }),
    reasoning: t.field({
      type: ReasoningWishInput,
      description: "How much the model may reason. Absent: the provider's default.",
    }),
    labels: t.field({
      type: "JSON",
      description:
        "An object of strings, kept on the record of the call and never sent upstream. `use_case` chooses a " +
        "route; `tenant` names the tenant while the gateway has no keys.",
    }),
    providerOptions: t.field({
      type: "JSON",
      description:
        "An object of objects: each is passed through to the provider that bears its key as name or kind, " +
        "and to no other.",
    }),
    cache: t.field({ type: CacheInput, description: "What is wished of the gateway's cache." }),
    idempotencyKey: t.string({
      description:
        "Makes the call once, however often it is sent: within a day the same request with the same key joins " +
        "it, or is given its answer again. 1 to 256 visible ASCII characters, with spaces only between them. May " +
        "come as the header `idempotency-key` instead; two that differ are refused.",
    }),
    resumable: t.boolean({
      description:
        "Keeps a stream going for a while when its reader goes away, so that `resumeChat` can go on with it. " +
        "Absent: as the header `x-sluice-resumable` says.",
    }),
  }),
});
