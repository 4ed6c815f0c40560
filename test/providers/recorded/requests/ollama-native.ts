// A recorded request to Ollama's own API in the core's words. Apart from the adapter: it knows what the vendor
// documents.

import type { ChatRequest, Message } from "../../../../src/core/chat/request.ts";
import type { RecordedRequest } from "../../../support/fixtures.ts";
import { at, listOf, mapOf, numberOf, textOf } from "../json-view.ts";
import type { RequestMeaning } from "../vendor.ts";

export function readOllamaRequest({ body }: RecordedRequest): RequestMeaning | string {
  const told = mapOf(body);
  if (listOf(told["tools"]).length > 0) return "tools, which no recording has had so far";
  const request: ChatRequest = {
    messages: listOf(told["messages"]).map((message) => messageOf(message)),
    sampling: {
      temperature: numberOf(at(told["options"], "temperature")),
      seed: numberOf(at(told["options"], "seed")),
    },
  };
  return { request, model: textOf(told["model"]) ?? "a-model", body: withoutEmpty(told) };
}

function messageOf(message: unknown): Message {
  const role = at(message, "role");
  if (role !== "user") throw new Error(`unread message: ${JSON.stringify(message)}`);
  return { role, parts: [{ type: "text", text: String(at(message, "content")) }] };
}

/** No format, no options, no tools and no time to keep the model are what goes without saying. */
const withoutEmpty = (told: Readonly<Record<string, unknown>>): unknown =>
  Object.fromEntries(
    Object.entries(told).filter(
      ([, value]) =>
        value !== null && value !== "" && JSON.stringify(value) !== "{}" && JSON.stringify(value) !== "[]",
    ),
  );
