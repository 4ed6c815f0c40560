// A binary event stream of AWS's cut into its messages, without the adapters' parser. Checksums are not looked at:
// the recordings are whole.

import { at, parseJson, textOf } from "./json-view.ts";

export interface StreamMessage {
  /** `event`, `exception` or `error`. */
  readonly messageType: string;
  /** The event's or the exception's name. */
  readonly name: string;
  readonly body: unknown;
  /** Bytes of the stream up to the end of this message. */
  readonly endsAtByte: number;
}

export function streamMessages(bytes: Uint8Array): readonly StreamMessage[] {
  const buffer = Buffer.from(bytes);
  const messages: StreamMessage[] = [];
  for (let from = 0; from < buffer.length;) {
    const to = from + buffer.readUInt32BE(from);
    const bodyFrom = from + 12 + buffer.readUInt32BE(from + 4);
    const headers = textHeaders(buffer.subarray(from + 12, bodyFrom));
    const messageType = headers.get(":message-type") ?? "";
    messages.push({
      messageType,
      name: headers.get(`:${messageType}-type`) ?? "",
      body: parseJson(buffer.toString("utf8", bodyFrom, to - 4)),
      endsAtByte: to,
    });
    from = to;
  }
  return messages;
}

/** All headers of the recordings are texts: type 7. */
function textHeaders(buffer: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let from = 0; from < buffer.length;) {
    const nameTo = from + 1 + buffer.readUInt8(from);
    const valueTo = nameTo + 3 + buffer.readUInt16BE(nameTo + 1);
    headers.set(buffer.toString("utf8", from + 1, nameTo), buffer.toString("utf8", nameTo + 3, valueTo));
    from = valueTo;
  }
  return headers;
}

interface Block {
  text: string;
  reasoning: string;
  tool: unknown;
  input: string;
}

/** The answer that a unary call would have given, as far as the recordings need it; a tool's input stays a text. */
export function assembleConverse(messages: readonly StreamMessage[]): unknown {
  const blocks = new Map<unknown, Block>();
  const tail = new Map<string, unknown>();
  for (const { messageType, name, body } of messages) {
    if (messageType !== "event") break;
    const index = at(body, "contentBlockIndex");
    if (name.startsWith("contentBlock")) {
      const block = blocks.get(index) ?? { text: "", reasoning: "", tool: undefined, input: "" };
      blocks.set(index, block);
      block.tool ??= at(body, "start", "toolUse");
      block.text += textOf(at(body, "delta", "text")) ?? "";
      block.reasoning += textOf(at(body, "delta", "reasoningContent", "text")) ?? "";
      block.input += textOf(at(body, "delta", "toolUse", "input")) ?? "";
    }
    for (const member of ["stopReason", "usage", "trace"]) {
      const value = at(body, member);
      if (value !== undefined) tail.set(member, value);
    }
  }
  const content = [...blocks.values()].map((block) => wholeBlock(block));
  return { output: { message: { content } }, ...Object.fromEntries(tail) };
}

function wholeBlock({ text, reasoning, tool, input }: Block): unknown {
  if (tool !== undefined) {
    return {
      toolUse: { toolUseId: at(tool, "toolUseId"), name: at(tool, "name"), inputText: input },
    };
  }
  return reasoning === "" ? { text } : { reasoningContent: { reasoningText: { text: reasoning } } };
}
