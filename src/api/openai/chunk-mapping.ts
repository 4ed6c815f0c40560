// A reply's events as OpenAI's `chat.completion.chunk`s, in the text of server-sent events.
// https://platform.openai.com/docs/api-reference/chat-streaming

import type {
  ChatEvent,
  Finished,
  PartDelta,
  PartFinished,
  PartStart,
  Started,
} from "../../core/chat/events.ts";
import type { Usage } from "../../core/chat/usage.ts";
import {
  annotationJson,
  createdSeconds,
  finishReasons,
  imageJson,
  logprobsJson,
  type ToldLogprobs,
  usageJson,
  wordlessRefusal,
} from "./answer-words.ts";
import { extraContent, reasoningDetails, type ToldReasoning } from "./proof-format.ts";
import { sluiceJson, type UnplacedPart } from "./sluice-meta.ts";

export interface ChunkOptions {
  /** Ends the stream with a chunk of its usage, and says `usage: null` on all others. */
  readonly includeUsage: boolean;
  /** Adds `sluice` to the last chunk. */
  readonly withMeta: boolean;
}

export interface ChunkMapper {
  /** Takes a stream's events in their order; gives the text to write for each, often none. */
  chunks(event: ChatEvent): string;
  /** For a stream that broke off: what is known and was not told yet. The error follows it. */
  brokenOff(): string;
}

export const createChunkMapper = (options: ChunkOptions): ChunkMapper => new EventMapper(options);

/** What stands before and after the JSON text of each of a part's deltas. */
interface OpenPart {
  readonly before: string;
  readonly after: string;
  readonly logprobs: ToldLogprobs["kind"];
  readonly reasoning?: GrowingReasoning | undefined;
  /** A tool call's start of every delta. */
  readonly call?: string | undefined;
}

type GrowingReasoning = { -readonly [Member in keyof ToldReasoning]: ToldReasoning[Member] };

/** What is the same in every chunk of a stream is written once. */
class EventMapper implements ChunkMapper {
  readonly #options: ChunkOptions;
  readonly #end: string;
  readonly #unplaced: UnplacedPart[] = [];
  readonly #open: (OpenPart | undefined)[] = [];
  readonly #reasoning: GrowingReasoning[] = [];
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
        return this.#finishPart(event);
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

  brokenOff(): string {
    if (this.#start === "") return "";
    const usage = this.#options.includeUsage ? this.#usageChunk() : undefined;
    return this.#details() + (usage === undefined ? "" : `${usage}}\n\n`);
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

  #openText(index: number, member: "content" | "refusal"): string {
    this.#open[index] = { before: `${this.#deltaStart}"${member}":`, after: "", logprobs: member };
    return "";
  }

  #startPart(index: number, part: PartStart): string {
    switch (part.kind) {
      case "text":
        this.#firstContent = `""`;
        return this.#openText(index, "content");
      case "reasoning":
        return this.#openReasoning(index);
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

  #openReasoning(index: number): string {
    const reasoning: GrowingReasoning = { text: "" };
    this.#reasoning.push(reasoning);
    const before = `${this.#deltaStart}"reasoning_content":`;
    this.#open[index] = { before, after: "", logprobs: "content", reasoning };
    return "";
  }

  #startToolCall(index: number, { id, name }: { readonly id: string; readonly name: string }): string {
    const call = `"tool_calls":[{"index":${this.#toolCalls}`;
    this.#toolCalls += 1;
    const before = `${this.#deltaStart}${call},"function":{"arguments":`;
    this.#open[index] = { before, after: "}}]", logprobs: "content", call };
    const called = `{"name":${JSON.stringify(name)},"arguments":""}`;
    return this.#whole(`${call},"id":${JSON.stringify(id)},"type":"function","function":${called}}]`);
  }

  #delta({ index, text, logprobs }: PartDelta): string {
    const part = this.#open[index];
    if (part === undefined || (text === "" && logprobs === undefined)) return "";
    if (part.reasoning !== undefined) part.reasoning.text += text;
    const delta = part.before + JSON.stringify(text) + part.after;
    if (logprobs === undefined) return this.#withRole(delta + this.#deltaEnd);
    const told = JSON.stringify(logprobsJson([{ kind: part.logprobs, told: logprobs }]));
    return this.#withRole(`${delta}},"logprobs":${told},"finish_reason":null}${this.#end}`);
  }

  #finishPart({ index, signature, redactedData, vendor }: PartFinished): string {
    const part = this.#open[index];
    if (part === undefined) return "";
    if (part.reasoning !== undefined) Object.assign(part.reasoning, { signature, redactedData, vendor });
    const extra = part.call === undefined ? undefined : extraContent(signature, vendor);
    if (extra === undefined) return "";
    // OpenAI's Python client insists on the function in every delta of a call.
    return this.#whole(`${part.call},"function":{"arguments":""},"extra_content":${JSON.stringify(extra)}}]`);
  }

  /**
   * The reasoning with its proofs, once and whole. Clients gather a list in a delta each in their own way: the last
   * one counts, or the entries are put one behind another, or those of one index are joined, or all of it is done to
   * their texts too. In one chunk, with its text, it comes out the same in all of them.
   */
  #details(): string {
    const details = reasoningDetails(this.#reasoning);
    return details === undefined ? "" : this.#whole(`"reasoning_details":${JSON.stringify(details)}`);
  }

  /** Up to its last brace. */
  #usageChunk(): string | undefined {
    if (this.#usage === undefined) return undefined;
    return `${this.#start}],"usage":${JSON.stringify(usageJson(this.#usage))}`;
  }

  #finish({ reason, meta }: Finished): string {
    const { includeUsage, withMeta } = this.#options;
    const wordless = reason === "refusal" && !this.#refused;
    const refusal = wordless ? this.#whole(`"refusal":${JSON.stringify(wordlessRefusal)}`) : "";
    const before = this.#details() + refusal;
    const finish = `${this.#deltaStart}},"finish_reason":"${finishReasons[reason]}"}]`;
    const sluice = withMeta ? `,"sluice":${JSON.stringify(sluiceJson(meta, this.#unplaced))}` : "";
    const done = `${sluice}}\n\ndata: [DONE]\n\n`;
    if (!includeUsage) return before + this.#withRole(finish + done);
    const usage = this.#usageChunk();
    if (usage === undefined) return before + this.#withRole(`${finish},"usage":null${done}`);
    return before + this.#withRole(`${finish},"usage":null}\n\n${usage}${done}`);
  }
}
