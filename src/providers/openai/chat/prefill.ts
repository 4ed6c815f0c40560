// An answer that the request begins, and that the model is to go on with.

import type { ProviderChatEvent } from "../../../core/chat/events.ts";
import type { ChatRequest } from "../../../core/chat/request.ts";

/** Its text; undefined where the request begins none. */
export function begunAnswer({ messages }: Pick<ChatRequest, "messages">): string | undefined {
  const last = messages.at(-1);
  if (last?.role !== "assistant" || last.parts.some(({ type }) => type === "tool_call")) return undefined;
  const text = last.parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  return text === "" ? undefined : text;
}

/**
 * The events of a vendor that says again what the answer was begun with: of the rest alone. Where the answer begins
 * otherwise, all of it is handed on.
 */
export async function* withoutEcho(
  events: AsyncIterable<ProviderChatEvent>,
  begun: string,
): AsyncGenerator<ProviderChatEvent> {
  const echo = new Echo(begun);
  let index: number | undefined;
  for await (const event of events) {
    if (event.type === "part_started" && event.part.kind === "text") index ??= event.index;
    if (event.type === "part_delta" && event.index === index) {
      const text = echo.restOf(event.text);
      if (text !== "") yield { type: "part_delta", index, text, logprobs: event.logprobs };
      continue;
    }
    if (event.type === "part_finished" && event.index === index) {
      const text = echo.heldBack();
      if (text !== "") yield { type: "part_delta", index, text };
    }
    yield event;
  }
}

/** Holds a text back as long as it may be the echo. */
class Echo {
  readonly #begun: string;
  /** How much of it has been said again. */
  #saidChars = 0;
  #over = false;

  constructor(begun: string) {
    this.#begun = begun;
  }

  restOf(text: string): string {
    if (this.#over) return text;
    const leftChars = this.#begun.length - this.#saidChars;
    if (text.length < leftChars && this.#begun.startsWith(text, this.#saidChars)) {
      this.#saidChars += text.length;
      return "";
    }
    const isEcho = text.startsWith(this.#begun.slice(this.#saidChars));
    const rest = isEcho ? text.slice(leftChars) : this.heldBack() + text;
    this.#over = true;
    return rest;
  }

  /** What was none after all. */
  heldBack(): string {
    return this.#over ? "" : this.#begun.slice(0, this.#saidChars);
  }
}
