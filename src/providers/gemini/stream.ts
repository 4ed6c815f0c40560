// A stream of chunks, each of the form of a whole answer. It has no terminal event: it ends with its body, and is
// whole when the vendor has told why it stopped. Source: ai.google.dev/api/generate-content#method:-models.streamgeneratecontent

import type { ProviderChatEvent } from "../../core/chat/events.ts";
import { brokenReply } from "../broken-reply.ts";
import type { StreamDecoder } from "../decode-stream.ts";
import type { SseFrame } from "../upstream/sse.ts";
import { isJsonArray, isJsonObject, parseJson } from "../vendor-json.ts";
import { createReplyReader } from "./reply-reader.ts";

const nothing: readonly ProviderChatEvent[] = [];

export function createGeminiStreamDecoder(): StreamDecoder<SseFrame> {
  const reader = createReplyReader();
  let complete = false;
  return {
    decode({ data }) {
      // Proxies keep the connection alive with empty events, or end as another vendor's stream does.
      if (data === "" || data === "[DONE]") return nothing;
      const chunk = parseJson(data);
      if (isJsonObject(chunk)) return reader.read(chunk);
      // An error behind the events may stand in a list.
      if (!isJsonArray(chunk) || chunk.length === 0)
        throw brokenReply("an event of the stream is no JSON object");
      return chunk.flatMap((each) => {
        if (!isJsonObject(each)) throw brokenReply("an event of the stream holds what is no JSON object");
        return reader.read(each);
      });
    },
    end() {
      if (!reader.isWhole()) return nothing;
      const last = reader.end();
      complete = true;
      return last;
    },
    isComplete: () => complete,
    untoldUsage: () => reader.untoldUsage(),
  };
}
