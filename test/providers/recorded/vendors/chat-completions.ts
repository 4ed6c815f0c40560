// A member of the OpenAI family as a format whose recordings are read.

import { readOpenAiError } from "../../../../src/providers/openai/errors.ts";
import type { FamilyMember } from "../../../../src/providers/openai/family.ts";
import { createOpenAiProvider } from "../../../../src/providers/openai/index.ts";
import { readOpenAiAnswer } from "../../../../src/providers/openai/response.ts";
import { createOpenAiStreamDecoder } from "../../../../src/providers/openai/stream.ts";
import { sseFraming } from "../../../../src/providers/upstream/sse.ts";
import { expectOpenAi, isOpenAiEnd } from "../expected-openai.ts";
import { readChatCompletions } from "../requests/chat-completions.ts";
import { cutBy } from "../vendor.ts";
import type { Vendor } from "../vendor.ts";
import { wholeFrom } from "../wire-events.ts";

/** `folder` is that of the recordings; those of its other formats are read elsewhere. */
export const chatCompletions = (folder: string, member: FamilyMember): Vendor => ({
  reads: ({ provider, path }) => provider === folder && !/\/responses$|\/api\/chat$/.test(path),
  cut: cutBy(sseFraming, () => createOpenAiStreamDecoder(member)),
  endsWithBody: false,
  wholeFromByte: ({ body }) => wholeFrom(body, isOpenAiEnd),
  readAnswer: (text) => readOpenAiAnswer(text, member),
  readError: (answer) => readOpenAiError(answer, member),
  provider: (baseUrl) => createOpenAiProvider({ member, baseUrl, apiKey: "a-key" }),
  path: () => /\/chat\/completions$/,
  requestIdHeader: "x-request-id",
  expect: expectOpenAi,
  readRequest: (request) => readChatCompletions(request, member),
});
