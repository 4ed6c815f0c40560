import { readBedrockError } from "../../../../src/providers/bedrock/errors.ts";
import { createBedrockProvider } from "../../../../src/providers/bedrock/index.ts";
import { readBedrockAnswer } from "../../../../src/providers/bedrock/response.ts";
import { createBedrockStreamDecoder } from "../../../../src/providers/bedrock/stream.ts";
import { awsEventStreamFraming } from "../../../../src/providers/upstream/aws-event-stream.ts";
import { expectBedrock, wholeFromBedrock } from "../expected-bedrock.ts";
import { readBedrockRequest } from "../requests/bedrock.ts";
import { cutBy } from "../vendor.ts";
import type { Vendor } from "../vendor.ts";

const model = "a-model";

export const bedrockVendor: Vendor = {
  reads: ({ provider, path }) => provider === "bedrock" && !/\/invoke(?:-with-response-stream)?$/.test(path),
  cut: cutBy(awsEventStreamFraming, () => createBedrockStreamDecoder(model)),
  endsWithBody: true,
  wholeFromByte: wholeFromBedrock,
  readAnswer: (text) => readBedrockAnswer(text, model),
  readError: readBedrockError,
  provider: (baseUrl) => createBedrockProvider({ baseUrl, apiKey: "a-key" }),
  path: (stream) => (stream ? /^\/model\/[^/]+\/converse-stream$/ : /^\/model\/[^/]+\/converse$/),
  requestIdHeader: "x-amzn-requestid",
  expect: expectBedrock,
  readRequest: readBedrockRequest,
};
