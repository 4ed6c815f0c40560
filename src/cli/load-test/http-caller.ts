// Calls the OpenAI API of a gateway.

import type { IncomingMessage } from "node:http";
import { createEventBlocks, dataOfBlock } from "../event-blocks.ts";
import { memberOf, parsedJson, textOf } from "../json-member.ts";
import { type CallEnd, type CallerOptions, connectionEnd, type LoadCaller } from "./load-caller.ts";
import { createPosting, wholeText } from "../post-json.ts";

export function createHttpCaller(options: CallerOptions): LoadCaller {
  const { url, stream, model, prompt, apiKey, monotonicMs } = options;
  const posting = createPosting(new URL("/v1/chat/completions", url), {
    "content-type": "application/json",
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  });
  const body = JSON.stringify({ model, stream, messages: [{ role: "user", content: prompt }] });
  return {
    async call(signal) {
      try {
        const answer = await posting.post(body, signal);
        if (answer.statusCode !== 200) return errorEnd(await wholeText(answer), answer.statusCode);
        const read = stream ? await readStream(answer, monotonicMs) : await readWhole(answer);
        return { ...read, ...told(answer) };
      } catch (error) {
        return connectionEnd(error, signal);
      }
    },
    close: () => posting.close(),
  };
}

const told = ({ headers }: IncomingMessage): Pick<CallEnd, "provider" | "attempts"> => ({
  provider: textOf(headers["x-sluice-provider"]),
  attempts: Number(headers["x-sluice-attempts"] ?? 1),
});

function errorEnd(text: string, status: number | undefined): CallEnd {
  const error = memberOf(parsedJson(text), "error");
  return {
    code: textOf(memberOf(error, "code")) ?? `http_${status ?? 0}`,
    message: textOf(memberOf(error, "message")),
  };
}

async function readWhole(answer: IncomingMessage): Promise<CallEnd> {
  const whole = parsedJson(await wholeText(answer));
  return { code: memberOf(whole, "choices", 0, "finish_reason") === undefined ? "broken_answer" : "ok" };
}

async function readStream(answer: IncomingMessage, monotonicMs: () => number): Promise<CallEnd> {
  const blocks = createEventBlocks();
  let firstTokenAtMs: number | undefined;
  let end: CallEnd = { code: "broken_answer" };
  answer.setEncoding("utf8");
  for await (const piece of answer) {
    for (const block of blocks.push(String(piece))) {
      const data = dataOfBlock(block);
      if (data === undefined) continue;
      if (data === "[DONE]") end = { code: "ok" };
      else if (data.startsWith('{"error"')) end = errorEnd(data, undefined);
      else if (firstTokenAtMs === undefined && hasText(data)) firstTokenAtMs = monotonicMs();
    }
  }
  return { ...end, firstTokenAtMs };
}

const hasText = (data: string): boolean => {
  const text = memberOf(parsedJson(data), "choices", 0, "delta", "content");
  return typeof text === "string" && text !== "";
};
