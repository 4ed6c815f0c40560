// Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Citation.html

import type { Citation } from "../../core/chat/events.ts";
import type { JsonObject } from "../../core/json.ts";
import { checkDepth } from "../part-writer.ts";
import { listIn, objectIn, textIn } from "../vendor-json.ts";

/** The same for a stream, which sends each citation whole. @throws ProviderError `broken_reply` */
export function citationOf(raw: JsonObject): Citation {
  const web = objectIn(objectIn(raw["location"])?.["web"]);
  // A search result of the caller's own names its source, which may be an address.
  const source = textIn(raw["source"]);
  const cited = listIn(raw["sourceContent"]).map((piece) => textIn(objectIn(piece)?.["text"]) ?? "");
  return {
    url: textIn(web?.["url"]) ?? (source !== undefined && /^https?:\/\//i.test(source) ? source : undefined),
    title: textIn(raw["title"]),
    citedText: textIn(cited.join("")),
    raw: checkDepth(raw),
  };
}
