// Tool calls as they come in pieces: which piece belongs to which call. Servers of the family leave the index
// out, begin at 1, repeat the id or send "" for it later, and use one index for several calls.

import type { JsonObject, JsonValue } from "../../core/json.ts";
import { brokenReply } from "./broken-reply.ts";
import { checkDepth } from "./parts.ts";
import type { PartWriter } from "./parts.ts";
import { objectIn, saysSomething, textIn } from "./wire.ts";

interface OpenCall {
  readonly wireIndex: number | undefined;
  id: string | undefined;
  /** Undefined while the name has not come. */
  part: number | undefined;
  /** Arguments that came before the name. */
  held: string;
}

export interface ToolCallReader {
  /** An entry of `tool_calls`. */
  read(call: JsonValue): void;
  /** The older `function_call`. */
  readLegacy(call: JsonObject): void;
  /** @throws ProviderError `broken_reply` for a call that never got a name */
  end(): void;
}

/** `answerId` is the vendor's id of the answer: ids that it leaves out are made of it. */
export function createToolCallReader(parts: PartWriter, answerId: () => string): ToolCallReader {
  const calls: OpenCall[] = [];
  let legacy: OpenCall | undefined;

  function callOf(wireIndex: number | undefined, id: string | undefined, named: boolean): OpenCall {
    const known =
      wireIndex === undefined
        ? id === undefined
          ? named
            ? undefined
            : calls.at(-1)
          : calls.findLast((call) => call.id === id)
        : calls.findLast((call) => call.wireIndex === wireIndex);
    const another = known !== undefined && id !== undefined && known.id !== undefined && known.id !== id;
    if (known !== undefined && !another) return known;
    const call: OpenCall = { wireIndex, id, part: undefined, held: "" };
    calls.push(call);
    return call;
  }

  function add(call: OpenCall, name: string | undefined, written: string): void {
    if (call.part === undefined) {
      if (name === undefined) {
        call.held += written;
        return;
      }
      call.id ??= `call_${answerId()}_${parts.count()}`;
      call.part = parts.open({ kind: "tool_call", id: call.id, name });
      const all = call.held + written;
      if (all !== "") parts.more(call.part, all);
    } else if (written !== "") {
      parts.more(call.part, written);
    }
  }

  return {
    read(value) {
      const entry = objectIn(value);
      if (entry === undefined) throw brokenReply("an entry of `tool_calls` is no object");
      const type = textIn(entry["type"]);
      const told = objectIn(entry["function"]);
      if (told === undefined || (type !== undefined && type !== "function")) {
        parts.opaque("tool_calls", entry);
        return;
      }
      const index = entry["index"];
      const wireIndex = typeof index === "number" ? index : undefined;
      const id = textIn(entry["id"]);
      const name = textIn(told["name"]);
      const call = callOf(wireIndex, id, name !== undefined);
      call.id ??= id;
      add(call, name, argumentsOf(told["arguments"]));
      readExtras(entry, call);
    },
    readLegacy(told) {
      legacy ??= { wireIndex: undefined, id: undefined, part: undefined, held: "" };
      add(legacy, textIn(told["name"]), argumentsOf(told["arguments"]));
    },
    end() {
      if ([...calls, legacy].some((call) => call !== undefined && call.part === undefined)) {
        throw brokenReply("a tool call has no name");
      }
    },
  };

  function readExtras(entry: JsonObject, call: OpenCall): void {
    for (const key in entry) {
      if (key === "index" || key === "id" || key === "type" || key === "function") continue;
      const extra = entry[key];
      if (saysSomething(extra)) parts.opaque(`tool_calls.${key}`, { id: call.id ?? null, [key]: extra });
    }
  }
}

const argumentsOf = (value: JsonValue | undefined): string => {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(checkDepth(value));
};
