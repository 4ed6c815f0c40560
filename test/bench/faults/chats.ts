// What callers ask here, and how an upstream finds out which of them asks.

import { encodeChatRequest } from "../encode-chat-request.ts";

/** Of every target; the route is always `default`. */
export const model = "fault-chat";
const route = "default";
const system = "You are a helpful assistant.";

const says = (stream: number): string => `[stream ${stream}] How deep is the sea, and why?`;

export const streamIn = (body: string): number => Number(/\[stream (\d+)\]/.exec(body)?.[1] ?? -1);

export const isStreamed = (body: string): boolean => body.includes('"stream":true');

export const openAiBody = (options: { readonly stream: number; readonly streamed: boolean }): string =>
  JSON.stringify({
    model: route,
    ...(options.streamed ? { stream: true } : {}),
    messages: [
      { role: "system", content: system },
      { role: "user", content: says(options.stream) },
    ],
  });

export const grpcRequest = (stream: number): Uint8Array =>
  encodeChatRequest({ model: route, system, user: says(stream), temperature: 0.5 });

export const lastOfSse = "data: [DONE]\n\n";
