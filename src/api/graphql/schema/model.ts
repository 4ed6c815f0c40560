// The names that a call may ask for, and what is known of the models behind them.

import type { ModelCapabilities as Capabilities, ModelView } from "../../../core/models.ts";
import type { OperationName } from "../../../core/operation-name.ts";
import type { Price } from "../../../core/pricing/price.ts";
import { builder } from "../builder.ts";

const OperationEnum = builder.enumType("Operation", {
  description: "What a call asks for.",
  values: {
    CHAT: { value: "chat", description: "An answer to a conversation." },
    EMBED: { value: "embed", description: "Vectors." },
  } satisfies Record<Uppercase<OperationName>, { value: OperationName; description: string }>,
});

const ModelCapabilities = builder.objectRef<Capabilities>("ModelCapabilities").implement({
  description: "What a model can do. Null: not known.",
  fields: (t) => ({
    tools: t.exposeBoolean("tools", { nullable: true, description: "It calls tools." }),
    vision: t.exposeBoolean("vision", { nullable: true, description: "It takes images." }),
    reasoning: t.exposeBoolean("reasoning", {
      nullable: true,
      description: "It reasons before it answers.",
    }),
    jsonSchema: t.exposeBoolean("jsonSchema", {
      nullable: true,
      description: "It holds its answer to a JSON schema.",
    }),
    prefill: t.exposeBoolean("prefill", {
      nullable: true,
      description: "It goes on with an answer that the last, assistant's message begins.",
    }),
  }),
});

export const ModelPrice = builder.objectRef<Price>("ModelPrice").implement({
  description: "What a model costs, in 10⁻¹² US dollars a token.",
  fields: (t) => ({
    version: t.exposeString("version", { description: "The price list and its entry." }),
    inputPicos: t.expose("inputPicos", { type: "Long", description: "A token read." }),
    outputPicos: t.expose("outputPicos", {
      type: "Long",
      nullable: true,
      description: "A token written. Null: nothing is written, as by embedding models.",
    }),
    cacheReadPicos: t.expose("cacheReadPicos", {
      type: "Long",
      nullable: true,
      description: "A token read from the provider's prompt cache. Null: as one read.",
    }),
    cacheWritePicos: t.expose("cacheWritePicos", {
      type: "Long",
      nullable: true,
      description: "A token written to it. Null: as one read.",
    }),
    cacheWriteLongPicos: t.expose("cacheWriteLongPicos", {
      type: "Long",
      nullable: true,
      description: "A token written to it to be kept for an hour. Null: as any written to it.",
    }),
    inputAudioPicos: t.expose("inputAudioPicos", {
      type: "Long",
      nullable: true,
      description: "A token of sound read. Null: as one of text.",
    }),
    cacheReadAudioPicos: t.expose("cacheReadAudioPicos", {
      type: "Long",
      nullable: true,
      description:
        "A token of sound read from the prompt cache. Null: as any read from it, or else as sound.",
    }),
    reasoningPicos: t.expose("reasoningPicos", {
      type: "Long",
      nullable: true,
      description: "A token of reasoning. Null: as any written.",
    }),
    outputAudioPicos: t.expose("outputAudioPicos", {
      type: "Long",
      nullable: true,
      description: "A token of sound written. Null: as any written.",
    }),
  }),
});

const maxInt = 2 ** 31 - 1;

/** What a vendor's list tells may be any number; GraphQL would refuse the whole answer over one beyond Int. */
const tokensOrNull = (count: number | undefined): number | null =>
  count !== undefined && Number.isInteger(count) && count >= 0 && count <= maxInt ? count : null;

const Model = builder.objectRef<ModelView>("Model").implement({
  description: "A name that the `model` of a call may hold.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "A route's name, `auto`, or `provider/model`." }),
    provider: t.exposeString("provider", {
      nullable: true,
      description: "The provider's name; null for a route and for `auto`.",
    }),
    model: t.exposeString("model", {
      nullable: true,
      description: "The vendor's name of the model; null for a route and for `auto`.",
    }),
    displayName: t.exposeString("displayName", {
      nullable: true,
      description: "Its name for people, where the provider tells one.",
    }),
    operations: t.expose("operations", {
      type: [OperationEnum],
      nullable: true,
      description: "What it can be asked for. Null: not known.",
    }),
    contextTokens: t.int({
      nullable: true,
      description: "Tokens of prompt and answer together. Null: not known.",
      resolve: ({ contextTokens }) => tokensOrNull(contextTokens),
    }),
    maxOutputTokens: t.int({
      nullable: true,
      description: "The most tokens of an answer. Null: not known.",
      resolve: ({ maxOutputTokens }) => tokensOrNull(maxOutputTokens),
    }),
    capabilities: t.expose("capabilities", {
      type: ModelCapabilities,
      nullable: true,
      description: "What it can do.",
    }),
    price: t.expose("price", {
      type: ModelPrice,
      nullable: true,
      description: "What it costs now, for prompts of ordinary length. Null: not known.",
    }),
  }),
});

builder.queryField("models", (t) =>
  t.field({
    type: [Model],
    authScopes: { permission: "gateway:use" },
    description: "The names that a call may ask for: routes first, then each provider's models.",
    resolve: (_, _args, { gateway, caller }) => gateway.settings.models(caller.principal),
  }),
);
