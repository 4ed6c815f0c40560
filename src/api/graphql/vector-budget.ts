// How much of vectors one operation may show. GraphQL checks and writes each number by itself, at about a third
// of a microsecond in which nobody else is served, and by aliases it writes the same ones many times.

import { invalidRequest } from "../../core/errors.ts";
import type { ReplyMeta } from "../../core/reply.ts";

/** What a component costs in one form, as a share of what an operation may show. */
export interface VectorForm {
  readonly field: "values" | "base64";
  readonly mostComponents: number;
  readonly advice: string;
}

export const asNumbers: VectorForm = {
  field: "values",
  mostComponents: 1_048_576,
  advice: "Ask for `base64` in their place, or embed fewer texts in one operation",
};

/** As many as 2048 texts have in models of 4096 dimensions. */
export const asBytes: VectorForm = {
  field: "base64",
  mostComponents: 8_388_608,
  advice: "Embed fewer texts in one operation, and ask for each vector once",
};

export interface VectorBudget {
  /** The share that is spent, from 0 on. */
  shownVectors: number;
  readonly replyMeta: ReplyMeta | undefined;
}

/** @throws GatewayError `invalid_request` with what is known of the call, which its provider has answered */
export function spend(budget: VectorBudget, vector: Float32Array, form: VectorForm): void {
  budget.shownVectors += vector.length / form.mostComponents;
  if (budget.shownVectors <= 1) return;
  const { field, mostComponents, advice } = form;
  const error = invalidRequest(
    field,
    `an operation shows at most ${mostComponents} components in this form. ${advice}.`,
  );
  throw budget.replyMeta === undefined ? error : error.withMeta(budget.replyMeta);
}
