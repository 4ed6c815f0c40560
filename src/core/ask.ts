import type { ChatReply } from "./chat/gather.ts";
import type { ChatRequest } from "./chat/request.ts";

export interface Question {
  readonly user: string;
  readonly system?: string | undefined;
  readonly temperature?: number | undefined;
  readonly model?: string | undefined;
}

/** One question as a chat. */
export function requestOf({ user, system, temperature, model }: Question): ChatRequest {
  const messages: ChatRequest["messages"] = [
    ...(system === undefined ? [] : [{ role: "system", parts: [{ type: "text", text: system }] } as const]),
    { role: "user", parts: [{ type: "text", text: user }] },
  ];
  return { model, messages, sampling: { temperature } };
}

/** An answer's text alone. */
export const textOf = ({ parts }: ChatReply): string =>
  parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
