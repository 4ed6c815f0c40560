// A member of the OpenAI family as a format whose recordings are read.

import { readOpenAiError } from "../../../../src/providers/openai/errors.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import { createOpenAiProvider } from "../../../../src/providers/openai/chat/index.ts";
import { readOpenAiAnswer } from "../../../../src/providers/openai/chat/response.ts";
import { createOpenAiStreamDecoder } from "../../../../src/providers/openai/chat/stream.ts";
import { sseFraming } from "../../../../src/providers/upstream/sse.ts";
import { expectOpenAiEmbedding, expectOpenAiModels } from "../expected-embeddings.ts";
import { expectOpenAi, isOpenAiEnd, isOpenAiFinish, openAiHabits } from "../expected-openai.ts";
import type { OpenAiHabits } from "../expected-openai.ts";
import { readChatCompletions } from "../requests/chat-completions.ts";
import { cutBy } from "../vendor.ts";
import type { Vendor } from "../vendor.ts";
import { wholeFrom } from "../wire-events.ts";

/** `folder` is that of the recordings; those of its other formats are read elsewhere. */
export function chatCompletions(
  folder: string,
  member: FamilyMember,
  otherwise: Partial<OpenAiHabits> = {},
): Vendor {
  const habits = { ...openAiHabits, ...otherwise };
  const endsWithBody = habits.endsWith === "finish reason";
  return {
    reads: ({ provider, path }) => provider === folder && !/\/responses$|\/api\/chat$/.test(path),
    cut: cutBy(sseFraming, () => createOpenAiStreamDecoder(member)),
    endsWithBody,
    wholeFromByte: ({ body }) => wholeFrom(body, endsWithBody ? isOpenAiFinish : isOpenAiEnd),
    readAnswer: (text) => readOpenAiAnswer(text, member),
    readError: (answer) => readOpenAiError(answer, member),
    provider: (baseUrl) => createOpenAiProvider({ member, baseUrl, apiKey: "a-key" }),
    path: () => /\/chat\/completions(?:\?api-version=[\w-]+)?$/,
    requestIdHeader: habits.requestIdHeader,
    expect: (recorded) => expectOpenAi(recorded, habits),
    readRequest: (request) => readChatCompletions(request, member),
    expectEmbedding: expectOpenAiEmbedding,
    expectModels: expectOpenAiModels,
  };
}
