// The ids of one operation's server-sent events, by which a resumable stream can be gone on with.

import type { ChatEvent } from "../../core/chat/events.ts";
import type { Numbered, Reply } from "../../core/reply.ts";
import { watchEvents } from "../../core/watch-events.ts";
import { eventId, readPosition, type StreamPosition } from "../stream-position.ts";

export class EventIds {
  readonly #lastEventId: string | undefined;
  #next: string | undefined;

  /** @param lastEventId as it was sent */
  constructor(lastEventId: string | undefined) {
    this.#lastEventId = lastEventId;
  }

  /** Where the stream is to be gone on with; undefined: it begins. @throws GatewayError `invalid_request` */
  resumedAt(): StreamPosition | undefined {
    return readPosition(this.#lastEventId);
  }

  /** Each event comes with its id, as results come one for each event, and the next is asked for when one is out. */
  of({ meta, events }: Reply<Numbered<ChatEvent>>): AsyncIterable<Numbered<ChatEvent>> {
    let callId = meta.requestId;
    return watchEvents(events, {
      event: (event) => {
        if (event.type === "started") callId = event.id;
        this.#next = eventId({ callId, sequence: event.sequence });
        return event;
      },
      ended() {},
      failed: (error) => error,
      left() {},
    });
  }

  /** Of the result that is about to go out; undefined where it has none. */
  take(): string | undefined {
    const id = this.#next;
    this.#next = undefined;
    return id;
  }
}
