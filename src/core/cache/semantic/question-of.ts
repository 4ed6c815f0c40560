// What a chat request asks, apart from what must be equal for another call's answer to be its answer.

import { canonicalJson } from "../../canonical-json.ts";
import type { ChatRequest, Message } from "../../chat/request.ts";

export interface AskedQuestion {
  /**
   * One text for everything but the question: model or route as asked, system prompt, the conversation before,
   * tools, format, sampling and all else. It may be long: whoever keeps it keeps its digest.
   */
  readonly scope: string;
  /** The text of the last user message. */
  readonly question: string;
}

/** In a longer text one sentence more or less hardly moves its embedding. */
export const maxQuestionChars = 2_000;

/** Undefined where the call does not end with a user message of text alone, or with one that is empty or long. */
export function questionOf(request: ChatRequest): AskedQuestion | undefined {
  const last = request.messages.at(-1);
  if (last?.role !== "user") return undefined;
  const question = textAlone(last);
  if (question === undefined || question.trim() === "" || question.length > maxQuestionChars)
    return undefined;
  // Labels reach no provider.
  const { labels: _labels, messages, ...rest } = request;
  const { parts, ...around } = last;
  const scope = canonicalJson({
    ...rest,
    messages: messages.slice(0, -1),
    last: { ...around, parts: parts.map(({ cacheHint }) => cacheHint ?? null) },
  });
  return { scope, question };
}

function textAlone({ parts }: Message): string | undefined {
  const texts: string[] = [];
  for (const part of parts) {
    if (part.type !== "text") return undefined;
    texts.push(part.text);
  }
  return texts.join("\n");
}
