// The subscriptions that give a chat event by event: of a new call, or of one that is under way.

import type * as core from "../../../core/chat/events.ts";
import { invalidRequest } from "../../../core/errors.ts";
import type { Numbered } from "../../../core/reply.ts";
import { withWishes } from "../../call-wishes.ts";
import { type Resumed, resumeStream } from "../../resume-stream.ts";
import { type StreamPosition, wholeUpTo } from "../../stream-position.ts";
import { builder, type GraphqlContext } from "../builder.ts";
import { toChatRequest } from "../input-mapping.ts";
import { toWishes } from "../wish-mapping.ts";
import { ChatEvent } from "./chat-event.ts";
import { ChatInput } from "./chat-input.ts";

type Events = AsyncIterable<Numbered<core.ChatEvent>>;

async function resume(resumed: Resumed, context: GraphqlContext): Promise<Events> {
  const { gateway, caller, signal, eventIds } = context;
  const reply = await resumeStream(gateway, resumed, { ...caller, signal });
  context.replyMeta = reply.meta;
  // A stream that is gone on with does not begin with what tells its id.
  const named = { ...reply, meta: { ...reply.meta, requestId: resumed.id } };
  return eventIds?.of(named) ?? reply.events;
}

const resumeBehind = (position: StreamPosition, context: GraphqlContext): Promise<Events> =>
  resume({ id: position.callId, afterSequence: wholeUpTo(position), header: "last-event-id" }, context);

builder.subscriptionField("chat", (t) =>
  t.field({
    type: ChatEvent,
    authScopes: { permission: "gateway:use" },
    description:
      "Asks a model and gives its answer as it comes. Over server-sent events, each event of a resumable call has " +
      "an `id`; the same request with it as `Last-Event-ID` goes on behind that event.",
    args: { input: t.arg({ type: ChatInput, required: true }) },
    async subscribe(_, { input }, context) {
      const { gateway, caller, signal, eventIds } = context;
      const request = toChatRequest(input);
      const options = { ...withWishes(caller, toWishes(input)), signal };
      const position = eventIds?.resumedAt();
      if (position !== undefined) {
        return resumeBehind(position, context);
      }
      const reply = await gateway.stream(request, options);
      context.replyMeta = reply.meta;
      return options.resumable === true && eventIds !== undefined ? eventIds.of(reply) : reply.events;
    },
    resolve: (event) => event,
  }),
);

builder.subscriptionField("resumeChat", (t) =>
  t.field({
    type: ChatEvent,
    authScopes: { permission: "gateway:use" },
    description:
      "Goes on with the stream of a resumable call behind an event: what is kept at once, the rest as it comes. For " +
      "whoever began the call. A `Last-Event-ID` counts more than `afterSequence`.",
    args: {
      id: t.arg.id({ required: true, description: "The id of the call, as `Started` told it." }),
      afterSequence: t.arg.int({
        defaultValue: -1,
        description: "The sequence of the last event that is known; -1: from the start.",
      }),
    },
    subscribe(_, { id, afterSequence }, context) {
      const position = context.eventIds?.resumedAt();
      if (position === undefined) return resume({ id, afterSequence: afterSequence ?? -1 }, context);
      if (position.callId === id) return resumeBehind(position, context);
      throw invalidRequest("last-event-id", "is of another call than `id`; send the id of one of its events");
    },
    resolve: (event) => event,
  }),
);
