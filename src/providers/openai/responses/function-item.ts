// A call of one of the caller's functions. Its arguments are handed on as they were written, JSON or not.

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { brokenReply } from "../../broken-reply.ts";
import { checkDepth } from "../../part-writer.ts";
import type { PartWriter } from "../../part-writer.ts";
import { saysSomething, textIn } from "../../vendor-json.ts";
import { ignored, unknownMembers, untold } from "./item-reader.ts";
import type { ItemReader } from "./item-reader.ts";

const itemMembers = new Set(["type", "id", "call_id", "name", "arguments", "status"]);

/** `answerId` is the vendor's id of the answer: ids that it leaves out are made of it. */
export function createFunctionReader(parts: PartWriter, answerId: () => string): ItemReader {
  let told = "";
  /** Undefined while the name has not come. */
  let part: number | undefined;
  let id: string | undefined;

  function begin(item: JsonObject): void {
    const name = textIn(item["name"]);
    if (part !== undefined || name === undefined) return;
    id = textIn(item["call_id"]) ?? textIn(item["id"]) ?? `call_${answerId()}_${parts.count()}`;
    part = parts.open({ kind: "tool_call", id, name });
    if (told !== "") parts.more(part, told);
  }

  function write(text: string): void {
    if (text === "") return;
    told += text;
    if (part !== undefined) parts.more(part, text);
  }

  return {
    type: "function_call",
    begin,
    delta: (_key, text) => write(text),
    whole: (_key, text) => write(untold(told, text)),
    annotate: ignored,
    done(item) {
      begin(item);
      if (part === undefined) throw brokenReply("a function call has no name");
      write(untold(told, argumentsOf(item["arguments"])));
      parts.finish(part);
      for (const [name, extra] of unknownMembers(item, itemMembers)) {
        if (saysSomething(extra))
          parts.opaque(`function_call.${name}`, { call_id: id ?? null, [name]: extra });
      }
    },
    abandon() {
      if (part === undefined) throw brokenReply("a function call has no name");
      parts.finish(part);
    },
  };
}

const argumentsOf = (value: JsonValue | undefined): string => {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(checkDepth(value));
};
