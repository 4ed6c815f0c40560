// Vectors, and the mutation that gives them.

import type { Embedded } from "../../../core/embed/events.ts";
import { withWishes } from "../../call-wishes.ts";
import { builder } from "../builder.ts";
import { toEmbedRequest } from "../embed-mapping.ts";
import { vectorBase64 } from "../vector-base64.ts";
import { asBytes, asNumbers, spend } from "../vector-budget.ts";
import { toWishes } from "../wish-mapping.ts";
import { answerHead, answerTail } from "./answer-fields.ts";
import { EmbedInput } from "./embed-input.ts";

// GraphQL checks and writes each of `values`; `base64` is a third of its size and costs next to nothing. Each
// is made only where it is asked for.
const Vector = builder.objectRef<Float32Array>("Vector").implement({
  description: "A vector: the same components as numbers and as bytes. For many or long ones take the bytes.",
  fields: (t) => ({
    values: t.floatList({
      description: "Its components. An operation shows at most 1048576 of them so, or 8388608 as bytes.",
      resolve(vector, _args, context) {
        spend(context, vector, asNumbers);
        return Array.from(vector);
      },
    }),
    base64: t.string({
      description: "Its components as little-endian float32, in base64 (RFC 4648, section 4).",
      resolve(vector, _args, context) {
        spend(context, vector, asBytes);
        return vectorBase64(vector);
      },
    }),
    dimensions: t.int({
      description: "How many components it has.",
      resolve: ({ length }) => length,
    }),
  }),
});

const EmbedReply = builder.objectRef<Embedded>("EmbedReply").implement({
  description: "The vectors.",
  fields: (t) => ({
    ...answerHead(t),
    vectors: t.expose("vectors", { type: [Vector], description: "One for each input, in their order." }),
    ...answerTail(t),
  }),
});

builder.mutationField("embed", (t) =>
  t.field({
    type: EmbedReply,
    authScopes: { permission: "gateway:use" },
    description: "Asks a model for the vectors of texts.",
    args: { input: t.arg({ type: EmbedInput, required: true }) },
    async resolve(_, { input }, context) {
      const { gateway, caller, signal } = context;
      const embedded = await gateway.embed(toEmbedRequest(input), {
        ...withWishes(caller, toWishes(input)),
        signal,
      });
      context.replyMeta = embedded.meta;
      return embedded;
    },
  }),
);
