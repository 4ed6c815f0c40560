// What a chat request asks, apart from what must be equal for another call's answer to be its answer.

import type { ChatRequest, TextPart } from "../../chat/request.ts";

export interface AskedQuestion<R> {
  /** The text of the last user message. */
  readonly question: string;
  /** The same request with nothing asked: the conversation before, tools, format, sampling and all else. */
  readonly rest: R;
}

/** In a longer text one sentence more or less hardly moves its embedding. */
export const maxQuestionChars = 2_000;

/** Undefined where the call does not end with a user message of text alone, or with one that is empty or long. */
export function questionOf(request: ChatRequest): AskedQuestion<ChatRequest> | undefined {
  const last = request.messages.at(-1);
  if (last?.role !== "user") return undefined;
  const texts: string[] = [];
  const unasked: TextPart[] = [];
  for (const part of last.parts) {
    if (part.type !== "text") return undefined;
    texts.push(part.text);
    unasked.push({ ...part, text: "" });
  }
  const question = texts.join("\n");
  if (question.trim() === "" || question.length > maxQuestionChars) return undefined;
  const messages = [...request.messages.slice(0, -1), { ...last, parts: unasked }];
  return { question, rest: { ...request, messages } };
}
