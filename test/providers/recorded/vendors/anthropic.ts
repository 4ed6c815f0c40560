import { readAnthropicError } from "../../../../src/providers/anthropic/errors.ts";
import { createAnthropicProvider } from "../../../../src/providers/anthropic/index.ts";
import { readAnthropicAnswer } from "../../../../src/providers/anthropic/response.ts";
import { createAnthropicStreamDecoder } from "../../../../src/providers/anthropic/stream.ts";
import { sseFraming } from "../../../../src/providers/upstream/sse.ts";
import { isAnthropicEnd } from "../anthropic-message.ts";
import { expectAnthropic } from "../expected-anthropic.ts";
import { readAnthropicRequest } from "../requests/anthropic.ts";
import { cutBy } from "../vendor.ts";
import type { Vendor } from "../vendor.ts";
import { wholeFrom } from "../wire-events.ts";

export const anthropicVendor: Vendor = {
  reads: ({ provider }) => provider === "anthropic",
  cut: cutBy(sseFraming, createAnthropicStreamDecoder),
  endsWithBody: false,
  wholeFromByte: ({ body }) => wholeFrom(body, isAnthropicEnd),
  readAnswer: readAnthropicAnswer,
  readError: readAnthropicError,
  provider: (baseUrl) => createAnthropicProvider({ baseUrl, apiKey: "a-key" }),
  path: () => /\/v1\/messages$/,
  requestIdHeader: "request-id",
  expect: expectAnthropic,
  readRequest: readAnthropicRequest,
};
