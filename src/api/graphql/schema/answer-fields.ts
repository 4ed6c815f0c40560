// The fields that every whole answer has, whatever was asked.

import type { Usage } from "../../../core/chat/usage.ts";
import type { ReplyMeta as ReplyMetaShape } from "../../../core/reply.ts";
import type { OutputFields } from "./field-builders.ts";
import { ReplyMeta } from "./reply-meta.ts";
import { TokenUsage } from "./usage.ts";

interface Answer {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly createdAtMs: number;
  readonly usage?: Usage | undefined;
  readonly meta: ReplyMetaShape;
}

type AnswerFields<A extends Answer> = OutputFields<A>;

/** Those that stand before the answer itself. */
export const answerHead = <A extends Answer>(t: AnswerFields<A>) => ({
  id: t.id({ description: "The gateway's id of the call.", resolve: ({ id }) => id }),
  provider: t.string({
    description: "Who answered: a configured provider's name.",
    resolve: ({ provider }) => provider,
  }),
  model: t.string({ description: "The vendor's own name of what answered.", resolve: ({ model }) => model }),
  createdAt: t.field({
    type: "DateTime",
    description: "When the call came in.",
    resolve: ({ createdAtMs }) => createdAtMs,
  }),
});

/** Those that stand behind it. */
export const answerTail = <A extends Answer>(t: AnswerFields<A>) => ({
  usage: t.field({
    type: TokenUsage,
    nullable: true,
    description: "Null: the vendor did not tell.",
    resolve: ({ usage }) => usage,
  }),
  meta: t.field({
    type: ReplyMeta,
    description: "All that is known of the call.",
    resolve: ({ meta }) => meta,
  }),
});
