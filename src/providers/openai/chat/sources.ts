// Where an answer comes from, as search providers tell it beside the choices: `citations`, a list of addresses,
// and `search_results`, which say more of the same. Both grow and are repeated in every chunk, so they are told
// once, at the end. Sources: docs.perplexity.ai/api-reference/chat-completions-post, docs.x.ai/docs/guides/live-search

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { checkDepth } from "../../part-writer.ts";
import type { PartWriter } from "../../part-writer.ts";
import { listIn, objectIn, textIn } from "../../vendor-json.ts";

export interface SourceReader {
  read(answer: JsonObject): void;
  end(): void;
}

export const sourceFields: readonly string[] = ["citations", "search_results"];

export function createSourceReader(parts: PartWriter): SourceReader {
  let citations: JsonValue | undefined;
  let results: JsonValue | undefined;
  return {
    read(answer) {
      citations = answer["citations"] ?? citations;
      results = answer["search_results"] ?? results;
    },
    end() {
      const told = new Set<string>();
      for (const value of listIn(results)) tellResult(value, told);
      for (const value of listIn(citations)) {
        const url = textIn(value) ?? textIn(objectIn(value)?.["url"]);
        if (url === undefined) parts.opaque("citations", value);
        else if (!told.has(url)) cite({ url, raw: checkDepth(value) });
      }
    },
  };

  function tellResult(value: JsonValue, told: Set<string>): void {
    const result = objectIn(value);
    const url = textIn(result?.["url"]);
    if (url === undefined) {
      parts.opaque("search_results", value);
      return;
    }
    told.add(url);
    const title = textIn(result?.["title"]);
    cite({ url, title, citedText: textIn(result?.["snippet"]), raw: checkDepth(value) });
  }

  function cite(citation: {
    readonly url: string;
    readonly title?: string | undefined;
    readonly citedText?: string | undefined;
    readonly raw: JsonValue;
  }): void {
    parts.whole({ kind: "citation", citation });
  }
}
