// The core's request as the body of `POST /chat/completions`.
// Source: platform.openai.com/docs/api-reference/chat/create

import type { ChatRequest } from "../../../core/chat/request.ts";
import type { Delivery } from "../../../core/provider.ts";
import type { Loss } from "../../../core/reply.ts";
import { createLossList } from "../../loss-list.ts";
import { fitToModel } from "../fit-to-model.ts";
import { refusalsFor } from "../refused-options.ts";
import type { FamilyMember } from "./family-member.ts";
import { begunAnswer } from "./prefill.ts";
import { extrasOf } from "./request-extras.ts";
import { wireMessages } from "./request-messages.ts";
import { reasoningWishOf } from "./request-effort.ts";
import { schemaInstruction } from "./request-format.ts";
import { settingsOf } from "./request-settings.ts";
import type { OpenAiRequestBody } from "./wire.ts";

export interface RequestContext {
  /** The vendor's name of the model. */
  readonly model: string;
  /** What stands in the body for it; absent: the same. */
  readonly wireModel?: string | undefined;
  readonly delivery: Delivery;
  /** As an attempt's context has it. */
  readonly heldToModel?: boolean | undefined;
  readonly member: FamilyMember;
}

export interface BuiltRequest {
  /** Members that are undefined do not get into the JSON text. */
  readonly body: OpenAiRequestBody;
  readonly losses: readonly Loss[];
}

export function buildOpenAiRequest(given: ChatRequest, asked: RequestContext): BuiltRequest {
  const { model, delivery, member } = asked;
  const losses = createLossList();
  const traits = member.traitsOf?.(model);
  const context = { model, member, traits, losses };
  const request = fitToModel(given, { api: "chat", model, traits, losses });
  const body: OpenAiRequestBody = {
    model: asked.wireModel ?? model,
    messages: [
      ...schemaInstruction(request.responseFormat, member),
      ...wireMessages(request.messages, context),
    ],
    ...settingsOf(request, context),
    ...reasoningWishOf(request, context),
    ...prefillOf(request, member),
    ...(delivery === "streamed" ? streamed(member) : {}),
  };
  const { providerOptions } = request;
  if (providerOptions === undefined) return { body, losses: losses.all };
  const refusalOf = refusalsFor({ ...request, heldToModel: asked.heldToModel });
  const extras = extrasOf(providerOptions, { body, reserved, member, losses, refusalOf });
  return { body: { ...body, ...extras }, losses: losses.all };
}

/** vLLM refuses the one without the other. */
const prefillOf = (
  request: ChatRequest,
  { prefillMark }: FamilyMember,
): Pick<OpenAiRequestBody, "continue_final_message" | "add_generation_prompt"> =>
  prefillMark === "continue_final_message" && begunAnswer(request) !== undefined
    ? { continue_final_message: true, add_generation_prompt: false }
    : {};

const streamed = (member: FamilyMember): Pick<OpenAiRequestBody, "stream" | "stream_options"> =>
  member.takesStreamOptions ? { stream: true, stream_options: { include_usage: true } } : { stream: true };

/** Ours even where they are absent: how the answer is read hangs on them. */
const reserved = new Set(["model", "messages", "stream", "stream_options"]);
