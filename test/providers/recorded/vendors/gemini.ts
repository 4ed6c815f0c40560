import { readGeminiError } from "../../../../src/providers/gemini/errors.ts";
import { createGeminiProvider } from "../../../../src/providers/gemini/index.ts";
import { readGeminiAnswer } from "../../../../src/providers/gemini/response.ts";
import { createGeminiStreamDecoder } from "../../../../src/providers/gemini/stream.ts";
import { sseFraming } from "../../../../src/providers/upstream/sse.ts";
import { expectGemini, expectGeminiEmbedding, expectGeminiModels, isGeminiEnd } from "../expected-gemini.ts";
import { readGemini } from "../requests/gemini.ts";
import { cutBy } from "../vendor.ts";
import type { Vendor } from "../vendor.ts";
import { wholeFrom } from "../wire-events.ts";

export const geminiVendor: Vendor = {
  reads: ({ provider }) => provider === "gemini",
  cut: cutBy(sseFraming, createGeminiStreamDecoder),
  endsWithBody: true,
  // A carriage return ends the empty line without its line feed too.
  wholeFromByte: ({ body }) => wholeFrom(body, isGeminiEnd) - (body.endsWith("\r\n\r\n") ? 1 : 0),
  readAnswer: readGeminiAnswer,
  readError: readGeminiError,
  provider: (baseUrl) => createGeminiProvider({ baseUrl, apiKey: "a-key" }),
  path: (stream) =>
    stream
      ? /^\/v1beta\/models\/[^/]+:streamGenerateContent\?alt=sse$/
      : /^\/v1beta\/models\/[^/]+:generateContent$/,
  requestIdHeader: "x-request-id",
  expect: expectGemini,
  readRequest: readGemini,
  expectEmbedding: expectGeminiEmbedding,
  expectModels: expectGeminiModels,
};
