// Gathers a chat's answer so that it can be given to other calls: what a provider would have yielded, had all of it
// come from one.

import { textMemory, valueMemory } from "../json-memory.ts";
import type { AnswerKeeper, KeptEvents } from "../operation.ts";
import { bytesAnEvent } from "./event-memory.ts";
import type { ChatEvent, FinishReason, PartDelta, ProviderChatEvent, ProviderFinished } from "./events.ts";
import { JoinedDeltas } from "./joined-deltas.ts";
import type { ChatRequest } from "./request.ts";
import type { ChatShape } from "./shape.ts";
import type { Usage } from "./usage.ts";

/** `started`, `usage` and `finished`. */
const bytesAtLeast = 3 * bytesAnEvent;

export class ChatAnswerKeeper implements AnswerKeeper<ChatShape> {
  readonly #maxBytes: number;
  readonly #mayBeCut: boolean;
  readonly #deltas = new JoinedDeltas((delta) => this.#keep(delta, 0));
  #events: ProviderChatEvent[] = [];
  /** Infinite: this answer is not to be kept, and no more of it is held. */
  #bytes = bytesAtLeast;
  #model: string | undefined;
  #usage: Usage | undefined;
  #finished: ProviderFinished | undefined;

  constructor({ maxOutputTokens }: ChatRequest, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#mayBeCut = maxOutputTokens !== undefined;
  }

  add(event: ChatEvent): void {
    switch (event.type) {
      case "part_delta":
        this.#addDelta(event);
        return;
      case "part_started": {
        const { index, part } = event;
        // A refusal may be another model's choice, or this one's the next time.
        if (part.kind === "refusal") this.#giveUp();
        else this.#keepNext({ type: "part_started", index, part }, valueMemory(part));
        return;
      }
      case "part_finished": {
        const { index, signature, redactedData, vendor } = event;
        const bytes = textMemory(signature) + textMemory(redactedData) + textMemory(vendor);
        this.#keepNext({ type: "part_finished", index, signature, redactedData, vendor }, bytes);
        return;
      }
      case "seam":
        this.#model = event.model;
        if (event.policy === "restart") this.#beginAnew();
        return;
      case "started":
        this.#model = event.model;
        return;
      case "usage":
        this.#usage = event.usage;
        return;
      case "finished": {
        const { reason, rawReason, stopSequence } = event;
        this.#deltas.end();
        this.#finished = { type: "finished", reason, rawReason, stopSequence };
        this.#hold(textMemory(rawReason) + textMemory(stopSequence));
      }
    }
  }

  kept(): KeptEvents<ProviderChatEvent> | undefined {
    const finished = this.#finished;
    if (this.#model === undefined || finished === undefined || !this.#isWhole(finished.reason))
      return undefined;
    if (this.#bytes > this.#maxBytes) return undefined;
    const usage = this.#usage;
    return {
      events: [
        { type: "started", model: this.#model },
        ...this.#events,
        ...(usage === undefined ? [] : [{ type: "usage", usage } as const]),
        finished,
      ],
      bytes: this.#bytes,
    };
  }

  #isWhole(reason: FinishReason): boolean {
    switch (reason) {
      case "stop":
      case "tool_calls":
        return true;
      case "length":
        // Else it is a limit of the model that answered.
        return this.#mayBeCut;
      case "content_filter":
      case "refusal":
        return false;
    }
  }

  #addDelta({ index, text, logprobs }: PartDelta): void {
    if (logprobs !== undefined) {
      this.#keepNext({ type: "part_delta", index, text, logprobs }, textMemory(text) + valueMemory(logprobs));
      return;
    }
    // Before it is joined to others: what waits there counts too.
    if (this.#hold(2 * text.length)) this.#deltas.add(index, text);
  }

  #keepNext(event: ProviderChatEvent, bytes: number): void {
    this.#deltas.end();
    this.#keep(event, bytes);
  }

  #keep(event: ProviderChatEvent, bytes: number): void {
    if (this.#hold(bytesAnEvent + bytes)) this.#events.push(event);
  }

  /** Whether there is room for so much more. */
  #hold(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes <= this.#maxBytes) return true;
    if (this.#bytes !== Number.POSITIVE_INFINITY) this.#giveUp();
    return false;
  }

  #giveUp(): void {
    this.#forget();
    this.#bytes = Number.POSITIVE_INFINITY;
  }

  #beginAnew(): void {
    this.#forget();
    this.#bytes = bytesAtLeast;
  }

  #forget(): void {
    this.#events = [];
    this.#deltas.forget();
  }
}
