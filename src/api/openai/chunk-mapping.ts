// A reply's events as OpenAI's `chat.completion.chunk`s, in the text of server-sent events.
// https://platform.openai.com/docs/api-reference/chat-streaming

import type { ChatEvent, Finished, PartDelta, PartStart, Started } from "../../core/chat/events.ts";
import type { Usage } from "../../core/chat/usage.ts";
import {
  annotationJson,
  createdSeconds,
  finishReasons,
  imageJson,
  logprobsJson,
  usageJson,
  wordlessRefusal,
} from "./answer-words.ts";
import { sluiceJson, type UnplacedPart } from "./sluice-meta.ts";

export interface ChunkOptions {
  /** Ends the stream with a chunk of its usage, and says `usage: null` on all others. */
  readonly includeUsage: boolean;
  /** Adds `sluice` to the last chunk. */
  readonly withMeta: boolean;
}

/** Takes a stream's events in their order; gives the text to write for each, often none. */
export function createChunkMapper(options: ChunkOptions): (event: ChatEvent) => string {
  const mapper = new ChunkMapper(options);
  return (event) => mapper.chunks(event);
}

/** What stands before and after the JSON text of each of a part's deltas. */
interface OpenPart {
  readonly before: string;
  readonly after: string;
}

/** What is the same in every chunk of a stream is written once. */
class ChunkMapper {
  readonly #options: ChunkOptions;
  readonly #end: string;
  readonly #unplaced: UnplacedPart[] = [];
  readonly #open: (OpenPart | undefined)[] = [];
  #start = "";
  #deltaStart = "";
  readonly #deltaEnd: string;
  // The chunk with the role goes out with the first content; it says `null` of a text that did not begin.
  #roleIsDue = false;
  #firstContent = "null";
  #toolCalls = 0;
  #refused = false;
  #usage: Usage | undefined;

  constructor(options: ChunkOptions) {
    this.#options = options;
    this.#end = `]${options.includeUsage ? `,"usage":null` : ""}}\n\n`;
    this.#deltaEnd = `},"finish_reason":null}${this.#end}`;
  }

  chunks(event: ChatEvent): string {
    switch (event.type) {
      case "part_delta":
        return this.#delta(event);
      case "part_started":
        return this.#startPart(event.index, event.part);
      case "part_finished":
        return "";
      case "started":
        this.#begin(event);
        return "";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "finished":
        return this.#finish(event);
    }
  }

  #begin({ id, model, createdAtMs }: Started): void {
    this.#start =
      `data: {"id":${JSON.stringify(id)},"object":"chat.completion.chunk",` +
      `"created":${createdSeconds(createdAtMs)},"model":${JSON.stringify(model)},"choices":[`;
    this.#deltaStart = `${this.#start}{"index":0,"delta":{`;
    this.#roleIsDue = true;
  }

  #withRole(chunk: string): string {
    if (!this.#roleIsDue) return chunk;
    this.#roleIsDue = false;
    const role = `"role":"assistant","content":${this.#firstContent},"refusal":null`;
    return `${this.#deltaStart}${role}${this.#deltaEnd}${chunk}`;
  }

  /** A chunk whose delta has these members, as JSON text. */
  #whole(members: string): string {
    return this.#withRole(`${this.#deltaStart}${members}${this.#deltaEnd}`);
  }

  #openText(index: number, member: string): string {
    this.#open[index] = { before: `${this.#deltaStart}"${member}":`, after: "" };
    return "";
  }

  #startPart(index: number, part: PartStart): string {
    switch (part.kind) {
      case "text":
        this.#firstContent = `""`;
        return this.#openText(index, "content");
      case "reasoning":
        return this.#openText(index, "reasoning_content");
      case "refusal":
        this.#refused = true;
        return this.#openText(index, "refusal");
      case "tool_call":
        return this.#startToolCall(index, part);
      case "image":
        return this.#whole(`"images":[${JSON.stringify(imageJson(part.source))}]`);
      case "citation": {
        const annotation = annotationJson(part.citation);
        if (annotation !== undefined) return this.#whole(`"annotations":[${JSON.stringify(annotation)}]`);
        this.#unplaced.push(part);
        return "";
      }
      case "opaque":
        this.#unplaced.push(part);
        return "";
    }
  }

  #startToolCall(index: number, { id, name }: { readonly id: string; readonly name: string }): string {
    const call = `"tool_calls":[{"index":${this.#toolCalls}`;
    this.#toolCalls += 1;
    this.#open[index] = { before: `${this.#deltaStart}${call},"function":{"arguments":`, after: "}}]" };
    const called = `{"name":${JSON.stringify(name)},"arguments":""}`;
    return this.#whole(`${call},"id":${JSON.stringify(id)},"type":"function","function":${called}}]`);
  }

  #delta({ index, text, logprobs }: PartDelta): string {
    const part = this.#open[index];
    if (part === undefined || (text === "" && logprobs === undefined)) return "";
    const delta = part.before + JSON.stringify(text) + part.after;
    if (logprobs === undefined) return this.#withRole(delta + this.#deltaEnd);
    const told = JSON.stringify(logprobsJson([logprobs]));
    return this.#withRole(`${delta}},"logprobs":${told},"finish_reason":null}${this.#end}`);
  }

  #finish({ reason, meta }: Finished): string {
    const { includeUsage, withMeta } = this.#options;
    const wordless = reason === "refusal" && !this.#refused;
    const refusal = wordless ? this.#whole(`"refusal":${JSON.stringify(wordlessRefusal)}`) : "";
    const finish = `${this.#deltaStart}},"finish_reason":"${finishReasons[reason]}"}]`;
    const sluice = withMeta ? `,"sluice":${JSON.stringify(sluiceJson(meta, this.#unplaced))}` : "";
    const done = `${sluice}}\n\ndata: [DONE]\n\n`;
    if (!includeUsage) return refusal + this.#withRole(finish + done);
    if (this.#usage === undefined) return refusal + this.#withRole(`${finish},"usage":null${done}`);
    const usage = `${this.#start}],"usage":${JSON.stringify(usageJson(this.#usage))}`;
    return refusal + this.#withRole(`${finish},"usage":null}\n\n${usage}${done}`);
  }
}
