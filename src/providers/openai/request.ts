// The core's request as the body of `POST /chat/completions`.
// Source: platform.openai.com/docs/api-reference/chat/create

import type { ChatRequest } from "../../core/chat/request.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Delivery } from "../../core/provider.ts";
import type { Loss } from "../../core/reply.ts";
import type { FamilyMember } from "./family.ts";
import { createLossList } from "../loss-list.ts";
import type { LossList } from "../loss-list.ts";
import { wireMessages } from "./request-messages.ts";
import { settingsOf } from "./request-settings.ts";
import type { OpenAiRequestBody } from "./wire.ts";

export interface RequestContext {
  /** The vendor's name of the model. */
  readonly model: string;
  readonly delivery: Delivery;
  readonly member: FamilyMember;
}

export interface BuiltRequest {
  /** Members that are undefined do not get into the JSON text. */
  readonly body: OpenAiRequestBody;
  readonly losses: readonly Loss[];
}

export function buildOpenAiRequest(request: ChatRequest, context: RequestContext): BuiltRequest {
  const { model, delivery, member } = context;
  const losses = createLossList();
  const body: OpenAiRequestBody = {
    model,
    messages: wireMessages(request.messages, { model, member, losses }),
    ...settingsOf(request, { member, losses }),
    ...(delivery === "streamed" ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
  const { providerOptions } = request;
  if (providerOptions === undefined) return { body, losses: losses.all };
  return { body: { ...body, ...extrasOf(providerOptions, { body, member, losses }) }, losses: losses.all };
}

/** Ours even where they are absent: how the answer is read hangs on them. */
const reserved = new Set(["model", "messages", "stream", "stream_options"]);

function extrasOf(
  providerOptions: Readonly<Record<string, JsonObject>>,
  context: { readonly body: OpenAiRequestBody; readonly member: FamilyMember; readonly losses: LossList },
): Readonly<Record<string, JsonValue>> {
  const { member, losses } = context;
  const set = new Set(reserved);
  for (const [name, value] of Object.entries(context.body)) if (value !== undefined) set.add(name);
  const extras: [string, JsonValue][] = [];
  for (const key of [member.kind, "openai_family"]) {
    for (const [name, value] of Object.entries(providerOptions[key] ?? {})) {
      const field = `providerOptions.${key}.${name}`;
      if (name === "n" && value !== 1) {
        losses.add(
          field,
          "It was left out: a reply here has one choice. Send the call several times instead.",
        );
      } else if (set.has(name)) {
        losses.add(field, "It was left out: the request itself sets it.");
      } else {
        set.add(name);
        extras.push([name, value]);
      }
    }
  }
  // Not by assignment: a key may be `__proto__`.
  return Object.fromEntries(extras);
}
