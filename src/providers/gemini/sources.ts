// Where a reply comes from: `citationMetadata` and `groundingMetadata` of a candidate, which a stream may repeat.
// Source: ai.google.dev/api/generate-content#citationmetadata and #GroundingMetadata

import type { JsonObject, JsonValue } from "../../core/json.ts";
import { brokenReply } from "../broken-reply.ts";
import { checkDepth } from "../part-writer.ts";
import type { PartWriter } from "../part-writer.ts";
import { isJsonObject, listIn, objectIn, saysSomething, textIn } from "../vendor-json.ts";

export interface SourceReader {
  read(candidate: JsonObject): void;
}

const maxSources = 10_000;

export function createSourceReader(parts: PartWriter): SourceReader {
  const told = new Set<string>();

  /** Whether it is new. */
  function isNew(type: string, json: JsonValue): boolean {
    if (told.size >= maxSources) throw brokenReply("it has too many sources");
    const size = told.size;
    return told.add(`${type} ${JSON.stringify(checkDepth(json))}`).size > size;
  }

  function cite(raw: JsonValue, source: JsonObject): void {
    if (!isNew("citation", raw)) return;
    const citation = {
      url: textIn(source["uri"]) ?? textIn(source["sourceUri"]),
      title: textIn(source["title"]),
      citedText: textIn(source["text"]),
      raw,
    };
    parts.whole({ kind: "citation", citation });
  }

  return {
    read(candidate) {
      const citations = objectIn(candidate["citationMetadata"]);
      for (const raw of [...listIn(citations?.["citations"]), ...listIn(citations?.["citationSources"])]) {
        cite(raw, isJsonObject(raw) ? raw : {});
      }
      const { groundingMetadata: grounding } = candidate;
      if (!isJsonObject(grounding)) return;
      for (const chunk of listIn(grounding["groundingChunks"])) cite(chunk, sourceIn(chunk));
      const says = Object.keys(grounding).some(
        (key) => key !== "groundingChunks" && saysSomething(grounding[key]),
      );
      if (says && isNew("grounding", grounding)) parts.opaque("groundingMetadata", grounding);
    },
  };
}

/** A chunk says in a member what sort of source it is: web, retrievedContext, maps, image. */
function sourceIn(chunk: JsonValue): JsonObject {
  if (!isJsonObject(chunk)) return {};
  for (const key in chunk) {
    const source = chunk[key];
    if (isJsonObject(source)) return source;
  }
  return chunk;
}
