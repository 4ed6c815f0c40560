// Items that only the vendor knows: calls of its own tools and their results, its compactions. They are handed on
// as they stand at their end; images that it made are images.

import type { JsonObject } from "../../../core/json.ts";
import type { PartWriter } from "../../part-writer.ts";
import { textIn } from "../../vendor-json.ts";
import { ignored } from "./item-reader.ts";
import type { ItemReader } from "./item-reader.ts";

export function createOpaqueReader(parts: PartWriter, type: string): ItemReader {
  let begun: JsonObject | undefined;

  function done(item: JsonObject): void {
    const { result, ...rest } = item;
    const image = type === "image_generation_call" ? textIn(result) : undefined;
    if (image === undefined) {
      parts.opaque(type, item);
      return;
    }
    parts.whole({ kind: "image", source: { data: image, mediaType: mediaTypeOf(item) } });
    parts.opaque(type, rest);
  }

  return {
    type,
    begin(item) {
      begun ??= item;
    },
    // The item tells it all at its end.
    delta: ignored,
    whole: ignored,
    annotate: ignored,
    done,
    abandon() {
      if (begun !== undefined) done(begun);
    },
  };
}

function mediaTypeOf(item: JsonObject): string {
  const format = textIn(item["output_format"]);
  return format !== undefined && /^[a-z0-9]{1,16}$/.test(format) ? `image/${format}` : "image/png";
}
