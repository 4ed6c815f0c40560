import { readOllamaError } from "../../../../src/providers/ollama/errors.ts";
import { createOllamaProvider } from "../../../../src/providers/ollama/index.ts";
import { readOllamaAnswer } from "../../../../src/providers/ollama/response.ts";
import { createOllamaStreamDecoder } from "../../../../src/providers/ollama/stream.ts";
import { ndjsonFraming } from "../../../../src/providers/upstream/ndjson.ts";
import { expectOllama, wholeFromOllama } from "../expected-ollama.ts";
import { readOllamaRequest } from "../requests/ollama-native.ts";
import { cutBy } from "../vendor.ts";
import type { Vendor } from "../vendor.ts";

export const ollamaNativeVendor: Vendor = {
  // One whose request was not kept tells its format nowhere: it is read with the other API's.
  reads: ({ provider, path }) => provider === "ollama" && path.endsWith("/api/chat"),
  cut: cutBy(ndjsonFraming, createOllamaStreamDecoder),
  endsWithBody: false,
  wholeFromByte: wholeFromOllama,
  readAnswer: readOllamaAnswer,
  readError: readOllamaError,
  provider: (baseUrl) => createOllamaProvider({ baseUrl, apiKey: "" }),
  path: () => /^\/api\/chat$/,
  requestIdHeader: "x-request-id",
  expect: expectOllama,
  readRequest: readOllamaRequest,
};
