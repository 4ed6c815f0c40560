// A chat request in the vendor's words, and what was lost on the way.

import type { ChatRequest } from "../../core/chat/request.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { AttemptContext } from "../../core/provider.ts";
import type { Loss } from "../../core/reply.ts";
import { createLossList, type LossList } from "../loss-list.ts";
import { optionsBeside } from "../options-beside.ts";
import { objectIn } from "../vendor-json.ts";
import { ollamaMessages } from "./request-messages.ts";
import { formatOf, optionsOf, thinkOf, toolsOf } from "./request-settings.ts";
import type { OllamaChatBody } from "./wire.ts";

export interface BuiltOllamaRequest {
  readonly body: OllamaChatBody;
  readonly losses: readonly Loss[];
}

/** Never throws for a request that `validateChatRequest` lets pass. */
export function buildOllamaRequest(
  request: ChatRequest,
  { model, delivery }: Pick<AttemptContext, "model" | "delivery">,
): BuiltOllamaRequest {
  const losses = createLossList();
  const messages = ollamaMessages(request.messages, losses);
  const tools = toolsOf(request, losses);
  const format = formatOf(request.responseFormat, losses);
  const think = thinkOf(request, { model, losses });
  const own: OllamaChatBody = {
    model,
    messages,
    // The vendor streams where nothing is said.
    stream: delivery === "streamed",
    ...(tools === undefined ? {} : { tools }),
    ...(think === undefined ? {} : { think }),
    ...(format === undefined ? {} : { format }),
  };
  const { options: wishedOptions, ...wished } = request.providerOptions?.["ollama"] ?? {};
  const options = modelOptions(optionsOf(request), wishedOptions, losses);
  return {
    body: {
      ...own,
      ...(options === undefined ? {} : { options }),
      ...optionsBeside(wished, { own, field: "providerOptions.ollama", losses }),
    },
    losses: losses.all,
  };
}

/** Our options for the model, and the caller's beside them. */
function modelOptions(
  own: JsonObject | undefined,
  wished: JsonValue | undefined,
  losses: LossList,
): JsonObject | undefined {
  const field = "providerOptions.ollama.options";
  const beside = objectIn(wished);
  if (wished !== undefined && beside === undefined) losses.add(field, "Dropped: it is no object.");
  if (beside === undefined) return own;
  return { ...own, ...optionsBeside(beside, { own: own ?? {}, field, losses }) };
}
