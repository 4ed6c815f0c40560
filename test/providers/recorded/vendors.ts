// For each folder of recordings, the adapter that reads it and the gatherer that says what it must give.

import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { Provider } from "../../../src/core/provider.ts";
import type { ProviderError } from "../../../src/core/provider-error.ts";
import { readAnthropicError } from "../../../src/providers/anthropic/errors.ts";
import { createAnthropicProvider } from "../../../src/providers/anthropic/index.ts";
import { readAnthropicAnswer } from "../../../src/providers/anthropic/response.ts";
import { createAnthropicStreamDecoder } from "../../../src/providers/anthropic/stream.ts";
import type { StreamDecoder } from "../../../src/providers/decode-stream.ts";
import { readOpenAiError } from "../../../src/providers/openai/errors.ts";
import { groqMember, openAiMember, openRouterMember } from "../../../src/providers/openai/family.ts";
import type { FamilyMember } from "../../../src/providers/openai/family.ts";
import { createOpenAiProvider } from "../../../src/providers/openai/index.ts";
import { readOpenAiAnswer } from "../../../src/providers/openai/response.ts";
import { createOpenAiStreamDecoder } from "../../../src/providers/openai/stream.ts";
import type { SseFrame } from "../../../src/providers/upstream/upstream.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import { isAnthropicEnd } from "./anthropic-message.ts";
import type { Expectation } from "./expectation.ts";
import { expectAnthropic } from "./expected-anthropic.ts";
import { expectOpenAi, isOpenAiEnd } from "./expected-openai.ts";
import type { WireEvent } from "./wire-events.ts";

interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Vendor {
  readonly decoder: () => StreamDecoder<SseFrame>;
  readonly readAnswer: (text: string) => readonly ProviderChatEvent[];
  readonly readError: (answer: ErrorAnswer) => ProviderError;
  readonly provider: (baseUrl: string) => Provider;
  /** What the path of a chat ends with. */
  readonly path: RegExp;
  /** Where an answer tells the vendor's id of the request. */
  readonly requestIdHeader: string;
  /** Apart from the adapter: what a recording of this vendor must give. */
  readonly expect: (recorded: RecordedCase) => Expectation;
  /** Apart from the adapter: whether this event ends a whole stream. */
  readonly isEnd: (event: WireEvent) => boolean;
}

const openAiFamily = (member: FamilyMember): Vendor => ({
  decoder: () => createOpenAiStreamDecoder(member),
  readAnswer: (text) => readOpenAiAnswer(text, member),
  readError: (answer) => readOpenAiError(answer, member),
  provider: (baseUrl) => createOpenAiProvider({ member, baseUrl, apiKey: "a-key" }),
  path: /\/chat\/completions$/,
  requestIdHeader: "x-request-id",
  expect: expectOpenAi,
  isEnd: isOpenAiEnd,
});

const anthropic: Vendor = {
  decoder: createAnthropicStreamDecoder,
  readAnswer: readAnthropicAnswer,
  readError: readAnthropicError,
  provider: (baseUrl) => createAnthropicProvider({ baseUrl, apiKey: "a-key" }),
  path: /\/v1\/messages$/,
  requestIdHeader: "request-id",
  expect: expectAnthropic,
  isEnd: isAnthropicEnd,
};

/** By the name of the recordings' folder. */
export const vendors: Readonly<Record<string, Vendor>> = {
  openai: openAiFamily(openAiMember),
  groq: openAiFamily(groqMember),
  openrouter: openAiFamily(openRouterMember),
  anthropic,
};

export function vendorOf({ provider }: RecordedCase): Vendor {
  const vendor = vendors[provider];
  if (vendor === undefined) throw new Error(`no adapter reads the recordings of ${provider}`);
  return vendor;
}
