// Where an answer comes from, as search providers tell it beside the choices: `citations`, a list of addresses,
// and `search_results`, which say more of the same. Both grow and are repeated in every chunk, so they are told
// once, at the end. Sources: docs.perplexity.ai/api-reference/chat-completions-post, docs.x.ai/docs/guides/live-search

import type { Citation } from "../../../core/chat/events.ts";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { checkDepth } from "../../part-writer.ts";
import type { PartWriter } from "../../part-writer.ts";
import { listIn, objectIn, textIn } from "../../vendor-json.ts";

export interface SourceReader {
  read(answer: JsonObject): void;
  end(): void;
}

export const sourceFields: readonly string[] = ["citations", "search_results"];

export const createSourceReader = (parts: PartWriter): SourceReader => new ToldSources(parts);

class ToldSources implements SourceReader {
  readonly #parts: PartWriter;
  #citations: JsonValue | undefined;
  #results: JsonValue | undefined;

  constructor(parts: PartWriter) {
    this.#parts = parts;
  }

  read(answer: JsonObject): void {
    this.#citations = answer["citations"] ?? this.#citations;
    this.#results = answer["search_results"] ?? this.#results;
  }

  end(): void {
    if (this.#results === undefined && this.#citations === undefined) return;
    const told = new Set<string>();
    for (const value of listIn(this.#results)) this.#tellResult(value, told);
    for (const value of listIn(this.#citations)) {
      const url = textIn(value) ?? textIn(objectIn(value)?.["url"]);
      if (url === undefined) this.#parts.opaque("citations", value);
      else if (!told.has(url)) this.#cite({ url, raw: checkDepth(value) });
    }
  }

  #tellResult(value: JsonValue, told: Set<string>): void {
    const result = objectIn(value);
    const url = textIn(result?.["url"]);
    if (url === undefined) {
      this.#parts.opaque("search_results", value);
      return;
    }
    told.add(url);
    const title = textIn(result?.["title"]);
    this.#cite({ url, title, citedText: textIn(result?.["snippet"]), raw: checkDepth(value) });
  }

  #cite(citation: Citation): void {
    this.#parts.whole({ kind: "citation", citation });
  }
}
