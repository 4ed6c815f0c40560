// Members that no caller's own options may bring into a request of the family, whichever call it is.

import type { ChatRequest } from "../../core/chat/request.ts";
import type { JsonValue } from "../../core/json.ts";
import type { AttemptContext } from "../../core/provider.ts";

/** Why a member cannot be sent; undefined: it can. */
export type RefusalOf = (name: string, value: JsonValue) => string | undefined;

export const setAlready = "It was left out: the request itself sets it.";

/** By all the names that vendors have for it: some take two, and go by the one that is not the request's. */
const answerLength = new Set(["max_tokens", "max_completion_tokens", "max_output_tokens"]);

/** OpenRouter's: other models than the one that was asked for, and settings that name one. */
const otherModels = new Set(["models", "preset"]);

export interface Refusing {
  /** As the request says; absent: it does not. */
  readonly maxOutputTokens?: ChatRequest["maxOutputTokens"];
  readonly heldToModel: AttemptContext["heldToModel"];
}

export const refusalsFor =
  ({ maxOutputTokens, heldToModel }: Refusing): RefusalOf =>
  (name, value) => {
    if (name === "n" && value !== 1) {
      return "It was left out: a reply here has one choice. Send the call several times instead.";
    }
    if (heldToModel === true && otherModels.has(name)) {
      return "It was left out: what you may ask, or what it may cost, goes by the model. Name one in `model`.";
    }
    return maxOutputTokens !== undefined && answerLength.has(name) ? setAlready : undefined;
  };
