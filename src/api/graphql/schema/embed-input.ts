// Texts that are to be embedded: the protobuf's EmbedRequest, field for field.

import type { EmbedRequest } from "../../../core/embed/request.ts";
import { builder } from "../builder.ts";
import { CacheInput } from "./cache-input.ts";

const TokensInput = builder.inputType("TokensInput", {
  description: "A text as numbers of a model's own tokens.",
  fields: (t) => ({
    ids: t.intList({ required: true, description: "At least one." }),
  }),
});

const EmbedTextInput = builder.inputType("EmbedTextInput", {
  description: "One text: exactly one of `text` and `tokens`.",
  fields: (t) => ({
    text: t.string({ description: "The text." }),
    tokens: t.field({
      type: TokensInput,
      description: "The text as numbers of the model's own tokens.",
    }),
  }),
});

type Purpose = NonNullable<EmbedRequest["purpose"]>;

const EmbedPurposeEnum = builder.enumType("EmbedPurpose", {
  description: "What texts are embedded for.",
  values: {
    QUERY: { value: "query", description: "They ask for something." },
    DOCUMENT: { value: "document", description: "They are what is to be found." },
  } satisfies Record<Uppercase<Purpose>, { value: Purpose; description: string }>,
});

export const EmbedInput = builder.inputType("EmbedInput", {
  description: "Texts, and the model that is to embed them.",
  fields: (t) => ({
    model: t.string({
      description:
        "As in a ChatInput: a route, `provider/model`, or a model that exactly one provider lists. Another " +
        "target of a route answers only where it declares the same vector space.",
    }),
    inputs: t.field({ type: [EmbedTextInput], required: true, description: "1 to 2048 texts." }),
    dimensions: t.int({ description: "The wished length of the vectors. Absent: the model's own." }),
    purpose: t.field({
      type: EmbedPurposeEnum,
      description: "What the texts are; some models embed questions and documents differently.",
    }),
    labels: t.field({
      type: "JSON",
      description:
        "An object of strings, kept on the record of the call and never sent upstream, as in a ChatInput.",
    }),
    providerOptions: t.field({
      type: "JSON",
      description:
        "An object of objects: each is passed through to the provider that bears its key as name or kind, " +
        "and to no other.",
    }),
    cache: t.field({
      type: CacheInput,
      description: "What is wished of the gateway's cache, as in a ChatInput.",
    }),
    idempotencyKey: t.string({
      description:
        "Makes the call once, however often it is sent, as in a ChatInput. 1 to 256 visible ASCII characters, " +
        "with spaces only between them.",
    }),
  }),
});
