// A gateway that keeps the streams of resumable calls whole, in memory: for what front ends make of them.

import type { CallOptions } from "../../src/core/call.ts";
import type { ChatEvent } from "../../src/core/chat/events.ts";
import { GatewayError } from "../../src/core/errors.ts";
import type { Gateway } from "../../src/core/gateway.ts";
import type { Numbered, Reply, ReplyMeta } from "../../src/core/reply.ts";
import { checkResume } from "../../src/core/runs/check-resume.ts";

export interface KeepingGateway extends Gateway {
  /** With what options the core was asked, in order. */
  readonly options: Partial<CallOptions>[];
  /** From now on the events before that one are no longer kept. */
  forgetBefore(sequence: number): void;
}

interface Kept {
  readonly meta: ReplyMeta;
  readonly events: readonly Numbered<ChatEvent>[];
  /** What the stream ended with in place of `finished`. */
  readonly error: unknown;
}

export function keepingGateway(gateway: Gateway): KeepingGateway {
  const kept = new Map<string, Kept>();
  const options: Partial<CallOptions>[] = [];
  let first = 0;
  return {
    ...gateway,
    options,
    forgetBefore(sequence) {
      first = sequence;
    },
    chat(request, given = {}) {
      options.push(given);
      return gateway.chat(request, given);
    },
    embed(request, given = {}) {
      options.push(given);
      return gateway.embed(request, given);
    },
    async stream(request, given = {}) {
      options.push(given);
      const reply = await gateway.stream(request, given);
      if (given.resumable !== true) return reply;
      const whole = await keep(reply);
      kept.set(reply.meta.requestId, whole);
      return { meta: reply.meta, events: eventsOf(whole, 0) };
    },
    async resume(id, afterSequence, given = {}) {
      options.push(given);
      checkResume(id, afterSequence);
      const whole = kept.get(id);
      if (whole === undefined) throw refused("not_found", "There is no such stream.");
      const { length } = whole.events;
      if (afterSequence >= length) throw refused("invalid_request", `afterSequence: there are ${length}.`);
      if (afterSequence + 1 < first) throw refused("conflict", "That is no longer kept.");
      return { meta: whole.meta, events: eventsOf(whole, afterSequence + 1) };
    },
  };
}

const refused = (code: "not_found" | "invalid_request" | "conflict", message: string): GatewayError =>
  new GatewayError({ code, message });

async function keep({ meta, events }: Reply<Numbered<ChatEvent>>): Promise<Kept> {
  const all: Numbered<ChatEvent>[] = [];
  try {
    for await (const event of events) all.push(event);
  } catch (error) {
    return { meta, events: all, error };
  }
  return { meta, events: all, error: undefined };
}

async function* eventsOf({ events, error }: Kept, from: number): AsyncGenerator<Numbered<ChatEvent>> {
  yield* events.slice(from);
  if (error !== undefined) throw error;
}
