// How far an answer has come, and the request that lets another model go on with it: the same messages, and after
// them an assistant's message that holds the text so far.

import type { ChatEvent, PartStarted } from "./events.ts";
import { GrowingText } from "./growing-text.ts";
import type { ChatRequest, Message, Part } from "./request.ts";

export interface Continuation {
  readonly request: ChatRequest;
  /**
   * What the caller has of the answer's end and the request leaves out: vendors refuse a begun answer that ends
   * with white space, and half a character cannot be sent. A continuation mostly begins with it: see `RepeatedStart`.
   */
  readonly trimmed: string;
  /** Of the text part that goes on. */
  readonly index: number;
}

/** Follows the events that reach a caller. */
export class ChatProgress {
  #text = new GrowingText();
  #openText: number | undefined;
  #openReasoning: number | undefined;
  #nextIndex = 0;
  #obstacle: string | undefined;

  add(event: ChatEvent): void {
    switch (event.type) {
      case "part_delta":
        if (event.index === this.#openText) this.#text.add(event.text);
        return;
      case "part_started":
        this.#begin(event);
        return;
      case "part_finished":
        if (event.index === this.#openText) this.#openText = undefined;
        else if (event.index === this.#openReasoning) this.#openReasoning = undefined;
        return;
      case "seam":
        if (event.policy === "restart") this.#forget();
        return;
      case "started":
      case "usage":
      case "finished":
    }
  }

  /** The index of the part that comes next. */
  nextIndex(): number {
    return this.#nextIndex;
  }

  /** Undefined where the answer cannot be continued: `obstacle` tells why. */
  continuation(request: ChatRequest): Continuation | undefined {
    const index = this.#openText;
    if (index === undefined || this.obstacle(request) !== undefined) return undefined;
    const said = this.#text.whole();
    const text = sendable(said);
    return {
      request: {
        ...request,
        messages: withBegunAnswer(request.messages, text),
        maxOutputTokens: tokensLeft(request.maxOutputTokens, said),
        // What was to be thought has been thought; vendors refuse to think in an answer that is begun.
        reasoning: undefined,
      },
      trimmed: said.slice(text.length),
      index,
    };
  }

  /** Why another model cannot go on with the answer, in one sentence. */
  obstacle({ responseFormat, toolChoice }: ChatRequest): string | undefined {
    if (this.#obstacle !== undefined) return this.#obstacle;
    if (responseFormat !== undefined && responseFormat.type !== "text") {
      return "The answer is held to JSON, which vendors check from the answer's beginning.";
    }
    if (toolChoice?.type === "required" || toolChoice?.type === "tool") {
      return "The answer must call a tool, which vendors do not force in an answer that is begun.";
    }
    if (this.#openReasoning !== undefined) return "The reasoning is not finished.";
    if (this.#openText === undefined) return "No text is under way.";
    return sendable(this.#text.whole()) === "" ? "There is no text yet." : undefined;
  }

  #begin({ index, part }: PartStarted): void {
    this.#nextIndex = Math.max(this.#nextIndex, index + 1);
    switch (part.kind) {
      case "text":
        if (this.#openText !== undefined) this.#obstacle ??= "Several texts are under way at once.";
        this.#openText = index;
        return;
      case "reasoning":
        this.#openReasoning = index;
        return;
      case "citation":
        return;
      case "tool_call":
        this.#obstacle ??= "The answer holds a tool call.";
        return;
      case "refusal":
      case "image":
      case "opaque":
        this.#obstacle ??= `The answer holds a part of kind ${part.kind}, which cannot be given to another model.`;
    }
  }

  #forget(): void {
    this.#text = new GrowingText();
    this.#openText = undefined;
    this.#openReasoning = undefined;
    this.#nextIndex = 0;
    this.#obstacle = undefined;
  }
}

/** Takes from a continuation what the caller has already, over as many deltas as it stands in. */
export class RepeatedStart {
  #expected: string;

  constructor(trimmed: string) {
    this.#expected = trimmed;
  }

  /** The part of the text that is new to the caller; may be empty. */
  newOf(text: string): string {
    const expected = this.#expected;
    if (expected === "") return text;
    const shorter = Math.min(expected.length, text.length);
    let same = 0;
    while (same < shorter && text[same] === expected[same]) same += 1;
    this.#expected = same === text.length ? expected.slice(same) : "";
    return text.slice(same);
  }
}

/** Without a half character and the white space at the end. */
function sendable(text: string): string {
  let end = text.length;
  if (isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
  while (end > 0 && whiteSpace.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd8_00 && unit <= 0xdb_ff;
/** Vendors do not check with JavaScript's `\s`, which knows less. */
const whiteSpace = /\p{White_Space}/u;

/** The caller may have begun the answer already. */
function withBegunAnswer(messages: readonly Message[], text: string): readonly Message[] {
  const last = messages.at(-1);
  if (last?.role !== "assistant")
    return [...messages, { role: "assistant", parts: [{ type: "text", text }] }];
  return [...messages.slice(0, -1), { ...last, parts: withText(last.parts, text) }];
}

function withText(parts: readonly Part[], text: string): readonly Part[] {
  const last = parts.at(-1);
  if (last?.type !== "text") return [...parts, { type: "text", text }];
  return [...parts.slice(0, -1), { ...last, text: last.text + text }];
}

const charsAToken = 4;

/** What the caller allows for the whole answer, less an estimate of what was said. */
const tokensLeft = (allowed: number | undefined, text: string): number | undefined =>
  allowed === undefined ? undefined : Math.max(1, allowed - Math.ceil(text.length / charsAToken));
