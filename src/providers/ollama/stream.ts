import { brokenReply } from "../broken-reply.ts";
import type { StreamDecoder } from "../decode-stream.ts";
import { objectIn, parseJson } from "../vendor-json.ts";
import { createReplyReader } from "./reply-reader.ts";

/** For lines of JSON; the one with `done` is the last. */
export function createOllamaStreamDecoder(): StreamDecoder<string> {
  const reader = createReplyReader();
  return {
    decode(line) {
      if (reader.isComplete()) return [];
      const answer = objectIn(parseJson(line));
      if (answer === undefined) throw brokenReply("a line is no JSON object");
      return reader.read(answer);
    },
    isComplete: () => reader.isComplete(),
    untoldUsage: () => reader.untoldUsage(),
  };
}
