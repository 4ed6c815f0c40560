// The parts of a reply's content. Source: ai.google.dev/api/caching#Part

import type { JsonObject, JsonValue } from "../../core/json.ts";
import { checkDepth } from "../part-writer.ts";
import type { PartWriter } from "../part-writer.ts";
import { isJsonObject, objectIn, saysSomething, stringIn, textIn } from "../vendor-json.ts";
import type { FunctionCallReader } from "./function-calls.ts";

export interface ContentReader {
  /** The `logprobsResult` of these parts goes with their first text; false: there was none. */
  read(parts: readonly JsonValue[], logprobs: JsonValue | undefined): boolean;
}

/** Members that describe a part, and are read with what it holds. */
const marks: ReadonlySet<string> = new Set(["thought", "thoughtSignature"]);

export function createContentReader(parts: PartWriter, calls: FunctionCallReader): ContentReader {
  function readPart(part: JsonObject, logprobs: JsonValue | undefined): boolean {
    const text = stringIn(part["text"]);
    const call = objectIn(part["functionCall"]);
    const signature = textIn(part["thoughtSignature"]);
    if (text !== undefined) {
      readText(text, { isThought: part["thought"] === true, signature, logprobs });
      handOn(part, "text");
      return text !== "" && part["thought"] !== true;
    }
    if (call !== undefined) {
      calls.read(call, signature);
      handOn(part, "functionCall");
      return false;
    }
    readOther(part, signature);
    return false;
  }

  function readText(
    text: string,
    told: {
      readonly isThought: boolean;
      readonly signature: string | undefined;
      readonly logprobs: JsonValue | undefined;
    },
  ): void {
    const { isThought, signature, logprobs } = told;
    if (isThought) {
      if (text !== "") parts.write("reasoning", text);
      if (signature !== undefined) parts.prove({ signature });
      return;
    }
    // The signature of a text goes before it: reasoning that has no text, and none of the thoughts before.
    if (signature !== undefined) {
      parts.closeWritten();
      parts.prove({ signature });
    }
    if (text !== "") parts.write("text", text, logprobs === undefined ? undefined : checkDepth(logprobs));
  }

  function readOther(part: JsonObject, signature: string | undefined): void {
    const type = Object.keys(part).find((key) => !marks.has(key) && saysSomething(part[key]));
    const image = part["thought"] === true ? undefined : imageIn(part);
    // The text behind it is another part than the text before it.
    if (type !== undefined || signature !== undefined) parts.closeWritten();
    if (type !== undefined && image === undefined) {
      parts.opaque(type, part);
      return;
    }
    if (signature !== undefined) {
      parts.prove({ signature });
      parts.closeWritten();
    }
    if (image === undefined) return;
    parts.whole({ kind: "image", source: image });
    handOn(part, "inlineData");
  }

  function handOn(part: JsonObject, read: string): void {
    for (const key in part) {
      const value = part[key];
      if (key !== read && !marks.has(key) && saysSomething(value)) parts.opaque(key, value);
    }
  }

  return {
    read(list, logprobs) {
      let placed = false;
      for (const part of list) {
        if (!isJsonObject(part)) {
          if (saysSomething(part)) parts.opaque("part", part);
        } else if (readPart(part, placed ? undefined : logprobs)) {
          placed = true;
        }
      }
      return placed;
    },
  };
}

function imageIn(part: JsonObject): { readonly data: string; readonly mediaType: string } | undefined {
  const blob = objectIn(part["inlineData"]);
  const mediaType = textIn(blob?.["mimeType"]);
  const data = textIn(blob?.["data"]);
  return mediaType?.startsWith("image/") === true && data !== undefined ? { data, mediaType } : undefined;
}
