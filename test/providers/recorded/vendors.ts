// The wire formats whose recordings are read.

import type { RecordedCase } from "../../support/fixtures.ts";
import type { Vendor } from "./vendor.ts";
import { anthropicVendor } from "./vendors/anthropic.ts";
import { geminiVendor } from "./vendors/gemini.ts";
import { bedrockVendor } from "./vendors/bedrock.ts";
import { ollamaNativeVendor } from "./vendors/ollama-native.ts";
import { groqVendor } from "./vendors/groq.ts";
import { openAiVendor } from "./vendors/openai.ts";
import { responsesVendors } from "./vendors/openai-responses.ts";
import { openRouterVendor } from "./vendors/openrouter.ts";
import { azureOpenAiVendor } from "./vendors/azure-openai.ts";
import { compatibleVendor } from "./vendors/openai-compatible.ts";
import { deepSeekVendor } from "./vendors/deepseek.ts";
import { mistralVendor } from "./vendors/mistral.ts";
import { ollamaVendor } from "./vendors/ollama.ts";
import { xAiVendor } from "./vendors/xai.ts";

export const vendors: readonly Vendor[] = [
  openAiVendor,
  groqVendor,
  openRouterVendor,
  anthropicVendor,
  geminiVendor,
  xAiVendor,
  ollamaVendor,
  ollamaNativeVendor,
  bedrockVendor,
  mistralVendor,
  deepSeekVendor,
  compatibleVendor,
  azureOpenAiVendor,
  ...responsesVendors,
];

/** Bedrock's older way to a model, with the model's own body: Converse is offered. */
export const notOffered = ({ provider, path }: RecordedCase): boolean =>
  provider === "bedrock" && /\/invoke(?:-with-response-stream)?$/.test(path);
