// The blocks of a stream, by the vendor's index, as parts. A block of text or reasoning begins with its first delta.
// Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlockDelta.html

import type { JsonObject, JsonValue } from "../../core/json.ts";
import { brokenReply } from "../broken-reply.ts";
import type { PartWriter } from "../part-writer.ts";
import { objectIn, saysSomething, stringIn, textIn } from "../vendor-json.ts";
import { citationOf } from "./citation.ts";
import { runsAtVendor, toolCallOf } from "./response.ts";

export interface StreamBlocks {
  /** @throws ProviderError `broken_reply`, as the others do */
  start(index: JsonValue | undefined, start: JsonValue | undefined): void;
  delta(index: JsonValue | undefined, delta: JsonValue | undefined): void;
  stop(index: JsonValue | undefined): void;
  /** A block that the token limit cut has no end of its own. */
  stopAll(): void;
}

interface Block {
  add(delta: JsonObject): void;
  end(): void;
}

/** `prover` is whose the signatures are. */
export function createStreamBlocks(parts: PartWriter, prover: string): StreamBlocks {
  const open = new Map<number, Block>();
  let writing: number | undefined;

  function stopAt(index: number): void {
    open.get(index)?.end();
    open.delete(index);
  }

  /** Parts are written one after the other: another block's text ends this one. */
  function openWritten(index: number): Block {
    if (writing !== undefined) stopAt(writing);
    writing = index;
    const block = writtenBlock(parts, prover);
    open.set(index, block);
    return block;
  }

  return {
    start(at, value) {
      const index = indexOf(at);
      const start = objectIn(value) ?? {};
      if (open.has(index)) throw brokenReply("a block begins twice");
      const toolUse = objectIn(start["toolUse"]);
      if (toolUse !== undefined && !runsAtVendor(toolUse)) open.set(index, toolBlock(toolUse, parts));
      else if (saysSomething(start)) open.set(index, gatheredBlock(start, parts));
    },
    delta(at, value) {
      const index = indexOf(at);
      const delta = objectIn(value);
      if (delta === undefined) throw brokenReply("a contentBlockDelta without a delta");
      const block = open.get(index) ?? openWritten(index);
      block.add(delta);
    },
    stop: (at) => stopAt(indexOf(at)),
    stopAll() {
      for (const index of open.keys()) stopAt(index);
    },
  };
}

function indexOf(value: JsonValue | undefined): number {
  if (typeof value !== "number") throw brokenReply("an event of a block without its index");
  return value;
}

/** Text, reasoning with its proof, and citations. */
function writtenBlock(parts: PartWriter, prover: string): Block {
  let signature = "";
  const redacted: string[] = [];

  function addReasoning(reasoning: JsonObject): void {
    for (const name in reasoning) {
      const value = reasoning[name];
      if (!saysSomething(value)) continue;
      if (name === "text" && typeof value === "string") parts.write("reasoning", value);
      else if (name === "signature" && typeof value === "string") signature += value;
      else if (name === "redactedContent" && typeof value === "string") redacted.push(value);
      else parts.opaque(`reasoningContent.${name}`, value);
    }
  }

  return {
    add(delta) {
      for (const kind in delta) {
        const held = delta[kind];
        if (!saysSomething(held)) continue;
        const object = objectIn(held);
        if (kind === "text" && typeof held === "string") parts.write("text", held);
        else if (kind === "reasoningContent" && object !== undefined) addReasoning(object);
        else if (kind === "citation" && object !== undefined) {
          parts.whole({ kind: "citation", citation: citationOf(object) });
        } else if (kind === "toolUse") throw brokenReply("a tool's input without the tool");
        else parts.opaque(kind, held);
      }
    },
    end() {
      if (signature !== "") parts.prove({ signature, vendor: prover });
      if (redacted.length > 0) parts.prove({ redactedData: joinBase64(redacted), vendor: "bedrock" });
      parts.closeWritten();
    },
  };
}

/** @throws ProviderError `broken_reply` */
function toolBlock(toolUse: JsonObject, parts: PartWriter): Block {
  const part = parts.open(toolCallOf(toolUse));
  let empty = true;
  return {
    add(delta) {
      for (const kind in delta) {
        const held = delta[kind];
        const text = kind === "toolUse" ? stringIn(objectIn(held)?.["input"]) : undefined;
        if (text === undefined) {
          if (saysSomething(held)) parts.opaque(kind, held);
        } else if (text !== "") {
          empty = false;
          parts.more(part, text);
        }
      }
    },
    end() {
      if (empty) parts.more(part, "{}");
      parts.finish(part);
    },
  };
}

/** What has to be whole before it is handed on: an image, and what the core has no place for. */
function gatheredBlock(start: JsonObject, parts: PartWriter): Block {
  const deltas: JsonObject[] = [];
  return {
    add(delta) {
      deltas.push(delta);
    },
    end() {
      const format = textIn(objectIn(start["image"])?.["format"]);
      const pieces = deltas.flatMap(
        (delta) => textIn(objectIn(objectIn(delta["image"])?.["source"])?.["bytes"]) ?? [],
      );
      if (format !== undefined && pieces.length > 0 && pieces.length === deltas.length) {
        const source = { data: joinBase64(pieces), mediaType: `image/${format}` };
        parts.whole({ kind: "image", source });
      } else {
        parts.opaque(Object.keys(start)[0] ?? "contentBlock", { start, deltas });
      }
    },
  };
}

/** Each piece is base64 of its own. */
const joinBase64 = (pieces: readonly string[]): string => {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, "base64"))).toString("base64");
};
