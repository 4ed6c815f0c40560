// A server whose next answers a test sets, and a client that asks it through an adapter.

import type { Socket } from "node:net";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { Delivery, Provider, ProviderReply } from "../../../src/core/provider.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { startRawServer } from "../upstream/raw-server.ts";
import type { WireFormat } from "./wire-format.ts";

export interface Answer {
  readonly status?: number | undefined;
  readonly type?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: string | Uint8Array;
}

/** What a call came to. */
export interface Outcome {
  readonly events: readonly ProviderChatEvent[];
  /** Undefined: the reply came to its end. */
  readonly failure: ProviderError | undefined;
  /** As an attempt is recorded: the reply's, else the error's. */
  readonly requestId: string | undefined;
  readonly httpStatus: number | undefined;
}

export interface AnsweringServer extends AsyncDisposable {
  answerWith(answer: Answer): void;
  /** For answers that are written piece by piece. */
  answerBy(write: (socket: Socket) => void): void;
  providerOf(format: WireFormat): Provider;
  /** @throws whatever is thrown that is no ProviderError */
  ask(format: WireFormat, delivery: Delivery, signal?: AbortSignal): Promise<Outcome>;
}

/** The id in the vendor's header; others must not be taken for it. */
export const upstreamId = "upstream-id-1";

const hello: ChatRequest = {
  messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }],
  maxOutputTokens: 64,
};

/** The head of an answer that tells the vendor's id of the request where the vendor does. */
export function headOf(
  format: WireFormat,
  { status = 200, type, headers = {} }: Omit<Answer, "body">,
): string {
  const all = {
    ...(format.requestIdHeader === undefined ? {} : { [format.requestIdHeader]: upstreamId }),
    ...(type === undefined ? {} : { "content-type": type }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} -\r\n${lines.join("")}`;
}

export async function startAnsweringServer(): Promise<AnsweringServer> {
  let answer: Answer = { body: "" };
  let write: ((socket: Socket) => void) | undefined;
  let asking: WireFormat | undefined;
  const server = await startRawServer((socket) => {
    if (asking === undefined) throw new Error("nobody was to ask");
    if (write !== undefined) {
      write(socket);
      return;
    }
    const body = Buffer.from(answer.body);
    const head = `${headOf(asking, answer)}content-length: ${body.length}\r\n\r\n`;
    socket.write(Buffer.concat([Buffer.from(head), body]));
  });
  const providers = new Map<WireFormat, Provider>();

  /** The answers tell the vendor's id of the request as this format has it. */
  function providerOf(format: WireFormat): Provider {
    asking = format;
    const provider = providers.get(format) ?? format.provider(server.url);
    providers.set(format, provider);
    return provider;
  }

  return {
    providerOf,
    answerWith(next) {
      answer = next;
      write = undefined;
    },
    answerBy(next) {
      write = next;
    },
    async ask(format, delivery, signal = new AbortController().signal) {
      const events: ProviderChatEvent[] = [];
      let reply: ProviderReply<ProviderChatEvent> | undefined;
      const outcome = (failure: ProviderError | undefined): Outcome => ({
        events,
        failure,
        requestId: reply?.upstreamRequestId ?? failure?.upstreamRequestId,
        httpStatus: reply?.httpStatus ?? failure?.httpStatus,
      });
      try {
        reply = await providerOf(format).chat(hello, { model: "a-model", delivery, signal });
        for await (const event of reply.events) events.push(event);
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        return outcome(error);
      }
      return outcome(undefined);
    },
    async [Symbol.asyncDispose]() {
      for (const provider of providers.values()) await provider.close?.();
      await server[Symbol.asyncDispose]();
    },
  };
}
