// Requests that every front end refuses before it asks a provider.

import type { ChatRequest } from "../../../src/core/chat/request.ts";

export interface WrongRequest {
  readonly name: string;
  readonly request: ChatRequest;
  /** At fault, in the core's words. */
  readonly field: string;
  /** The same in OpenAI's words. */
  readonly openAi: string;
}

export const hello: ChatRequest = {
  messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }],
};

export const wrongRequests: readonly WrongRequest[] = [
  {
    name: "an unknown model",
    request: { ...hello, model: "nobody/knows" },
    field: "model",
    openAi: "model",
  },
  {
    name: "a temperature out of range",
    request: { ...hello, sampling: { temperature: 9 } },
    field: "sampling.temperature",
    openAi: "temperature",
  },
  { name: "no messages", request: { messages: [] }, field: "messages", openAi: "messages" },
  {
    name: "a message without parts",
    request: { messages: [{ role: "user", parts: [] }] },
    field: "messages[0].parts",
    openAi: "messages[0].content",
  },
  {
    name: "a tool that is demanded and not there",
    request: { ...hello, toolChoice: { type: "tool", name: "absent" } },
    field: "toolChoice.name",
    openAi: "tool_choice.function.name",
  },
  {
    name: "a tool twice",
    request: { ...hello, tools: [{ name: "one" }, { name: "one" }] },
    field: "tools[1].name",
    openAi: "tools[1].function.name",
  },
  {
    name: "an image whose address is none",
    request: {
      messages: [
        {
          role: "user",
          parts: [
            { type: "text", text: "Look" },
            { type: "image", source: { url: "https://images.example/a.png" } },
            { type: "image", source: { url: "https://" } },
          ],
        },
      ],
    },
    field: "messages[0].parts[2].source.url",
    openAi: "messages[0].content[2].image_url.url",
  },
  {
    name: "a label that is too long",
    request: { ...hello, labels: { team: "x".repeat(10_000) } },
    field: "labels.team",
    openAi: "metadata.team",
  },
  {
    name: "a tenant that is no slug",
    request: { ...hello, labels: { tenant: "No Slug" } },
    field: "labels.tenant",
    openAi: "metadata.tenant",
  },
];
