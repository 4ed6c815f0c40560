// A stream of `chat.completion.chunk` events. Source: platform.openai.com/docs/api-reference/chat/streaming

import type { StreamDecoder } from "../../decode-stream.ts";
import type { SseFrame } from "../../upstream/sse.ts";
import { brokenReply } from "../../broken-reply.ts";
import { isJsonObject, parseJson } from "../../vendor-json.ts";
import { readOpenAiErrorObject } from "../errors.ts";
import type { FamilyMember } from "./family-member.ts";
import { createReplyReader } from "./reply-reader.ts";

export function createOpenAiStreamDecoder(member: FamilyMember): StreamDecoder<SseFrame> {
  const reader = createReplyReader(member, "delta");
  let complete = false;
  return {
    decode({ event, data }) {
      if (data === "[DONE]") {
        const last = reader.end();
        complete = true;
        return last;
      }
      // Some servers keep the connection alive with empty events.
      if (data === "") return [];
      const chunk = parseJson(data);
      if (!isJsonObject(chunk)) throw brokenReply("an event of the stream is no JSON object");
      if (event === "error") throw readOpenAiErrorObject(chunk, member);
      return reader.read(chunk);
    },
    isComplete: () => complete,
    end() {
      // Some servers send no [DONE]: there a finish reason says that all has come.
      if (complete || member.streamEnd === "[DONE]" || !reader.hasFinished()) return [];
      const last = reader.end();
      complete = true;
      return last;
    },
    untoldUsage: () => reader.untoldUsage(),
  };
}
