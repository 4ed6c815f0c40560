// A chat that goes on at another target after its stream broke.

import type { MidStream, Progress, SeamFacts, Sequel } from "../mid-stream.ts";
import { ChatProgress, type Continuation, RepeatedStart } from "./continuation.ts";
import type { ChatEvent } from "./events.ts";
import type { ChatShape } from "./shape.ts";
import type { ChatRequest } from "./request.ts";
import type { Usage } from "./usage.ts";

export const chatMidStream: MidStream<ChatShape> = {
  follow: () => new ChatStreamProgress(),
  seam: ({ provider, model, policy, losses }: SeamFacts) => ({
    type: "seam",
    provider,
    model,
    policy,
    losses,
  }),
};

class ChatStreamProgress implements Progress<ChatShape> {
  readonly #progress = new ChatProgress();

  add(event: ChatEvent): void {
    this.#progress.add(event);
  }

  defers(event: ChatEvent): boolean {
    return event.type === "usage";
  }

  restart(request: ChatRequest): Sequel<ChatShape> {
    return { request, rewrite: (event) => (event.type === "started" ? [] : [event]) };
  }

  continuation(request: ChatRequest, deferred: ChatEvent | undefined): Sequel<ChatShape> | undefined {
    const continuation = this.#progress.continuation(request);
    if (continuation === undefined) return undefined;
    const nextIndex = this.#progress.nextIndex();
    const before = deferred?.type === "usage" ? deferred.usage : undefined;
    const joining = new Joining({ continuation, nextIndex, before });
    return { request: continuation.request, rewrite: (event) => joining.rewrite(event) };
  }

  obstacle(request: ChatRequest): string | undefined {
    return this.#progress.obstacle(request);
  }
}

interface JoiningOptions {
  readonly continuation: Continuation;
  readonly nextIndex: number;
  /** What the broken part used, where that is known. */
  readonly before: Usage | undefined;
}

/** The first text of the new answer is the rest of the open one; its other parts come after all earlier ones. */
class Joining {
  readonly #openIndex: number;
  readonly #repeated: RepeatedStart;
  readonly #before: Usage | undefined;
  readonly #indices = new Map<number, number>();
  #nextIndex: number;
  #open = true;

  constructor({ continuation, nextIndex, before }: JoiningOptions) {
    this.#openIndex = continuation.index;
    this.#repeated = new RepeatedStart(continuation.trimmed);
    this.#nextIndex = nextIndex;
    this.#before = before;
  }

  rewrite(event: ChatEvent): readonly ChatEvent[] {
    switch (event.type) {
      case "started":
        return [];
      case "part_started":
        return this.#begin(event);
      case "part_delta": {
        const index = this.#indexOf(event.index);
        if (index !== this.#openIndex) return [{ ...event, index }];
        const text = this.#repeated.newOf(event.text);
        return text === "" && event.logprobs === undefined ? [] : [{ ...event, index, text }];
      }
      case "part_finished": {
        const index = this.#indexOf(event.index);
        if (index === this.#openIndex) this.#open = false;
        return [{ ...event, index }];
      }
      case "usage":
        return [{ ...event, usage: usageOfBoth(this.#before, event.usage) }];
      case "finished":
        // The new answer may have had nothing to add.
        return this.#open ? [{ type: "part_finished", index: this.#openIndex }, event] : [event];
      case "seam":
        return [event];
    }
  }

  #begin(event: Extract<ChatEvent, { type: "part_started" }>): readonly ChatEvent[] {
    const goesOn = event.part.kind === "text" && ![...this.#indices.values()].includes(this.#openIndex);
    if (goesOn) {
      this.#indices.set(event.index, this.#openIndex);
      return [];
    }
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    this.#indices.set(event.index, index);
    return [{ ...event, index }];
  }

  #indexOf(index: number): number {
    return this.#indices.get(index) ?? index;
  }
}

/**
 * What reached the caller: the prompt once and both parts of the answer. Where the broken part told no usage, the
 * second one's is told as it is: its prompt holds the text so far, so that the sum is right.
 */
function usageOfBoth(before: Usage | undefined, after: Usage): Usage {
  if (before?.output.total === undefined || after.output.total === undefined) return after;
  return {
    input: before.input,
    output: {
      total: before.output.total + after.output.total,
      text: sum(before.output.text, after.output.text),
      reasoning: sum(before.output.reasoning, after.output.reasoning),
      audio: sum(before.output.audio, after.output.audio),
    },
    source: before.source === "reported" ? after.source : before.source,
  };
}

const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;
