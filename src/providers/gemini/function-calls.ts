// Function calls of a reply: mostly whole in one part, on Vertex AI also begun in one part and continued in the next.

import type { JsonObject } from "../../core/json.ts";
import type { PartWriter } from "../part-writer.ts";
import { checkDepth } from "../part-writer.ts";
import { isJsonArray, saysSomething, textIn } from "../vendor-json.ts";
import type { PartialArguments } from "./partial-arguments.ts";
import { createPartialArguments } from "./partial-arguments.ts";

export interface FunctionCallReader {
  /** A part's `functionCall` with the part's signature. @throws ProviderError `broken_reply` */
  read(call: JsonObject, signature: string | undefined): void;
  /** Ends the call that is open, with the arguments that came. */
  end(): void;
}

interface OpenCall {
  readonly part: number;
  readonly pieces: PartialArguments;
  whole: string | undefined;
  signature: string | undefined;
}

/** Members that are read, or that describe. */
const notes: ReadonlySet<string> = new Set(["id", "name", "args", "partialArgs", "willContinue"]);

/** `replyId` is the vendor's id of the reply: ids that it leaves out are made of it. */
export function createFunctionCallReader(parts: PartWriter, replyId: () => string): FunctionCallReader {
  const ids = new Set<string>();
  let open: OpenCall | undefined;

  function begin(call: JsonObject, name: string): OpenCall {
    end();
    const given = textIn(call["id"]);
    const id = given === undefined || ids.has(given) ? `call_${replyId()}_${parts.count()}` : given;
    ids.add(id);
    const part = parts.open({ kind: "tool_call", id, name });
    return { part, pieces: createPartialArguments(), whole: undefined, signature: undefined };
  }

  function end(): void {
    if (open === undefined) return;
    const { part, pieces, whole, signature } = open;
    open = undefined;
    parts.more(part, whole ?? pieces.text());
    parts.finish(part, { signature });
  }

  return {
    end,
    read(call, signature) {
      const name = textIn(call["name"]);
      if (name !== undefined) open = begin(call, name);
      if (open === undefined) {
        if (saysSomething(call)) parts.opaque("functionCall", call);
        return;
      }
      open.signature ??= signature;
      const { args, partialArgs } = call;
      if (args !== undefined && args !== null) open.whole = JSON.stringify(checkDepth(args));
      if (isJsonArray(partialArgs)) for (const piece of partialArgs) open.pieces.add(piece);
      for (const key in call) {
        const extra = call[key];
        if (!notes.has(key) && saysSomething(extra)) parts.opaque(`functionCall.${key}`, { [key]: extra });
      }
      if (call["willContinue"] !== true) end();
    },
  };
}
