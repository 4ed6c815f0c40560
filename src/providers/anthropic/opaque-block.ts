// A block that the core has no place for, put together again from its deltas.

import type { JsonObject, JsonValue } from "../../core/json.ts";
import { isJsonArray, parseJson, stringIn } from "../vendor-json.ts";

export interface OpaqueBlock {
  add(delta: JsonObject): void;
  /** The block as a whole answer would have it. */
  whole(): JsonObject;
}

/**
 * `input_json_delta` gives the block's `input` (or `partial_json`, when it was cut before its end),
 * `citations_delta` adds to `citations`; of every other delta, text is appended to the member of the same
 * name, and what is not text replaces it.
 */
export function gatherOpaqueBlock(block: JsonObject): OpaqueBlock {
  const members = new Map<string, JsonValue>(Object.entries(block));
  let inputJson = "";
  return {
    add(delta) {
      if (delta["type"] === "input_json_delta") {
        inputJson += stringIn(delta["partial_json"]) ?? "";
      } else if (delta["type"] === "citations_delta") {
        const citations = members.get("citations");
        members.set("citations", [...(isJsonArray(citations) ? citations : []), delta["citation"] ?? null]);
      } else {
        for (const [name, value] of Object.entries(delta)) {
          if (name === "type") continue;
          const before = members.get(name);
          members.set(name, typeof before === "string" && typeof value === "string" ? before + value : value);
        }
      }
    },
    whole() {
      if (inputJson !== "") {
        const input = parseJson(inputJson);
        if (input === undefined) members.set("partial_json", inputJson);
        else members.set("input", input);
      }
      return Object.fromEntries(members);
    },
  };
}
