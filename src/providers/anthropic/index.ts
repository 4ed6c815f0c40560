// Anthropic's Messages API as a provider. Source: platform.claude.com/docs/en/api/messages

import type { ProviderChatEvent } from "../../core/chat/events.ts";
import { ProviderError } from "../../core/provider-error.ts";
import type { Provider } from "../../core/provider.ts";
import { decodeStream } from "../decode-stream.ts";
import { createUpstream } from "../upstream/create-upstream.ts";
import type { UpstreamAnswer, UpstreamTimeouts } from "../upstream/upstream.ts";
import { brokenReply, readAnthropicError } from "./errors.ts";
import { buildAnthropicRequest } from "./request.ts";
import { readAnthropicAnswer } from "./response.ts";
import { createAnthropicStreamDecoder } from "./stream.ts";
import { isJsonObject, parseJson } from "./wire.ts";

export interface AnthropicProviderOptions {
  /** As the vendor's SDK has it, without `/v1`: https://api.anthropic.com */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly timeouts?: UpstreamTimeouts | undefined;
}

// A whole answer sends its headers when it is done; the call's own deadline comes before these ten minutes.
// A stream sends pings.
const defaultTimeouts: UpstreamTimeouts = { connectMs: 10_000, headersMs: 600_000, idleMs: 120_000 };

const maxAnswerBytes = 32 * 1024 * 1024;

export function createAnthropicProvider(options: AnthropicProviderOptions): Provider {
  const upstream = createUpstream({
    baseUrl: options.baseUrl.replace(/\/+$/, ""),
    signer: async () => ({ "x-api-key": options.apiKey }),
    timeouts: options.timeouts ?? defaultTimeouts,
    maxAnswerBytes,
  });
  return {
    async chat(request, context) {
      const { body, betas, losses } = buildAnthropicRequest(request, context);
      const answer = await upstream.send(
        {
          method: "POST",
          path: "/v1/messages",
          headers: {
            "content-type": "application/json",
            accept: context.delivery === "streamed" ? "text/event-stream" : "application/json",
            "anthropic-version": "2023-06-01",
            ...(betas.length === 0 ? {} : { "anthropic-beta": betas.join(",") }),
          },
          body: JSON.stringify(body),
        },
        context.signal,
      );
      if (answer.status < 200 || answer.status > 299) throw await errorOf(answer);
      return {
        losses,
        upstreamRequestId: answer.headers["request-id"],
        httpStatus: answer.status,
        events:
          context.delivery === "streamed"
            ? await streamedEvents(answer)
            : inOneGo(readAnthropicAnswer(await answer.text())),
      };
    },
    close: () => upstream.close(),
  };
}

async function streamedEvents(answer: UpstreamAnswer): Promise<AsyncIterable<ProviderChatEvent>> {
  const type = answer.headers["content-type"] ?? "";
  if (/^text\/event-stream\b/i.test(type)) {
    return decodeStream(answer.frames(), createAnthropicStreamDecoder());
  }
  const text = await answer.text();
  const body = parseJson(text);
  if (isJsonObject(body) && isJsonObject(body["error"])) {
    throw readAnthropicError({ status: answer.status, headers: answer.headers, text });
  }
  throw brokenReply("a stream was asked for, and it is none. Check the provider's base URL.");
}

async function errorOf(answer: UpstreamAnswer): Promise<ProviderError> {
  const { status, headers } = answer;
  try {
    return readAnthropicError({ status, headers, text: await answer.text() });
  } catch (error) {
    // The status says enough where its body is cut or too long.
    if (error instanceof ProviderError) return readAnthropicError({ status, headers, text: "" });
    throw error;
  }
}

async function* inOneGo(
  events: readonly ProviderChatEvent[],
): AsyncGenerator<ProviderChatEvent, void, undefined> {
  yield* events;
}
