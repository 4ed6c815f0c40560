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
  reads: ({ provider, path, name }) =>
    provider === "ollama" && (path.endsWith("/api/chat") || (path === "" && name.includes("native"))),
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
