// `GET /v1/models`: the names that `model` may hold.
// https://platform.openai.com/docs/api-reference/models

import { GatewayError } from "../../core/errors.ts";
import type { ModelView } from "../../core/settings.ts";

export interface ModelsAnswer {
  readonly models: readonly ModelView[];
  /** Told of every model: when they came to be is not known. Seconds since 1970. */
  readonly createdSeconds: number;
}

export const modelListJson = (answer: ModelsAnswer): string =>
  JSON.stringify({ object: "list", data: answer.models.map((model) => modelJson(model, answer)) });

/** @throws GatewayError `not_found` */
export function oneModelJson(answer: ModelsAnswer, encodedId: string): string {
  const id = decoded(encodedId);
  const model = answer.models.find((each) => each.id === id);
  if (model !== undefined) return JSON.stringify(modelJson(model, answer));
  throw new GatewayError({
    code: "not_found",
    field: "model",
    message: `There is no model "${(id ?? encodedId).slice(0, 256)}". GET /v1/models lists those that are.`,
  });
}

const modelJson = ({ id, provider }: ModelView, { createdSeconds }: ModelsAnswer): object => ({
  id,
  object: "model",
  created: createdSeconds,
  owned_by: provider ?? "sluice",
});

function decoded(encodedId: string): string | undefined {
  try {
    return decodeURIComponent(encodedId);
  } catch {
    return undefined;
  }
}
