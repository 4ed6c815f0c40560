// The core's request as the body of `POST /responses`.
// Source: platform.openai.com/docs/api-reference/responses/create

import type { ChatRequest } from "../../../core/chat/request.ts";
import type { JsonValue } from "../../../core/json.ts";
import type { Delivery } from "../../../core/provider.ts";
import type { Loss } from "../../../core/reply.ts";
import { createLossList } from "../../loss-list.ts";
import type { LossList } from "../../loss-list.ts";
import { fitToModel } from "../fit-to-model.ts";
import { refusalsFor, setAlready } from "../refused-options.ts";
import type { ResponsesMember } from "./member.ts";
import { inputItems } from "./request-input.ts";
import { readOptions } from "./request-options.ts";
import type { GivenOption } from "./request-options.ts";
import {
  formatOf,
  lengthSetting,
  reasoningSettings,
  samplingSettings,
  toolSettings,
} from "./request-settings.ts";
import type { ResponsesRequestBody } from "./wire.ts";

export interface RequestContext {
  /** The vendor's name of the model. */
  readonly model: string;
  readonly delivery: Delivery;
  /** As an attempt's context has it. */
  readonly heldToModel?: boolean | undefined;
  readonly member: ResponsesMember;
}

export interface BuiltRequest {
  /** Members that are undefined do not get into the JSON text. */
  readonly body: ResponsesRequestBody;
  readonly losses: readonly Loss[];
}

export function buildResponsesRequest(given: ChatRequest, context: RequestContext): BuiltRequest {
  const { model, delivery, member } = context;
  const losses = createLossList();
  const request = fitToModel(given, { api: "responses", model, traits: member.traitsOf?.(model), losses });
  const options = readOptions(request.providerOptions ?? {}, {
    member,
    delivery,
    losses,
    refusalOf: refusalsFor({ ...request, heldToModel: context.heldToModel }),
  });
  const { storage } = member;
  const store = options.store ?? (storage === undefined ? undefined : false);
  const format = formatOf(request.responseFormat);
  const reasoning = reasoningSettings(request, { member, losses });
  const encrypted = storage !== undefined && store === false && storage.encryptsReasoning(model);
  const include = new Set([...(encrypted ? ["reasoning.encrypted_content"] : []), ...options.include]);
  const body: ResponsesRequestBody = {
    model,
    input: inputItems(request.messages, {
      member,
      maker: member.makerOf(model),
      stored: store === true,
      losses,
    }),
    stream: delivery === "streamed" ? true : undefined,
    store,
    include: include.size === 0 ? undefined : [...include],
    ...toolSettings(request, { member, losses }),
    text: merged({ set: format === undefined ? {} : { format }, usual: {} }, options.text, losses),
    ...lengthSetting(request, { member, losses }),
    ...samplingSettings(request, { member, losses }),
    reasoning: merged(reasoning, options.reasoning, losses),
  };
  return { body: { ...body, ...besides(body, options.rest, losses) }, losses: losses.all };
}

type Members = Readonly<Record<string, JsonValue>>;

/** An object of which the request sets some members and the caller's options others. */
function merged(
  { set, usual }: { readonly set: Members; readonly usual: Members },
  given: ReadonlyMap<string, GivenOption>,
  losses: LossList,
): Members | undefined {
  const all = new Map(Object.entries(usual));
  for (const [name, { value }] of given) all.set(name, value);
  for (const [name, value] of Object.entries(set)) {
    const option = given.get(name);
    if (option !== undefined) losses.add(option.field, setAlready);
    all.set(name, value);
  }
  return all.size === 0 ? undefined : Object.fromEntries(all);
}

function besides(
  body: ResponsesRequestBody,
  rest: ReadonlyMap<string, GivenOption>,
  losses: LossList,
): Members {
  const set = new Set<string>();
  for (const [name, value] of Object.entries(body)) if (value !== undefined) set.add(name);
  const free = [...rest].flatMap(([name, { field, value }]): (readonly [string, JsonValue])[] => {
    if (!set.has(name)) return [[name, value]];
    losses.add(field, setAlready);
    return [];
  });
  // Not by assignment: a key may be `__proto__`.
  return Object.fromEntries(free);
}
