// A reply's events as OpenAI's `chat.completion.chunk`s, in the text of server-sent events.
// https://platform.openai.com/docs/api-reference/chat-streaming
//
// OpenAI's format knows no seam, and what a client has gathered cannot be taken back. Where the answer goes on, nothing
// is shown of it but the new model's name. Where it begins again, one chunk tells so in `sluice.seam`: a client that
// reads it drops all that it has, that chunk's own content too. For all others that content is a sentence between the
// two answers: readers see what happened, and JSON that was cut fails to parse, rather than that a half and a whole
// answer seem to be one. Further tool calls have indices of their own, so that no client joins theirs to void ones. But
// a client that does not know a call to be void would run it, maybe twice: unless it asked for `sluice`, such a stream
// ends with an error, and so it does after a refusal.

import { GatewayError } from "../../core/errors.ts";
import type {
  ChatEvent,
  Finished,
  PartDelta,
  PartFinished,
  PartStart,
  Seam,
  Started,
} from "../../core/chat/events.ts";
import { GrowingText } from "../../core/chat/growing-text.ts";
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
import { seamJson, sluiceJson, type UnplacedPart } from "./sluice-meta.ts";

export interface ChunkOptions {
  /** Ends the stream with a chunk of its usage, and says `usage: null` on all others. */
  readonly includeUsage: boolean;
  /** Adds `sluice` to the last chunk, and to one for each seam. */
  readonly withMeta: boolean;
}

export interface ChunkMapper {
  /**
   * Takes a stream's events in their order; gives the text to write for each, often none.
   * @throws GatewayError where the answer begins again and what was told of it cannot be taken back
   */
  chunks(event: ChatEvent): string;
  /** For a stream that broke off: what is known and was not told yet. The error follows it. */
  brokenOff(): string;
}

export const createChunkMapper = (options: ChunkOptions): ChunkMapper => new EventMapper(options);

/** What stands before and after the JSON text of each of a part's deltas. */
interface OpenPart {
  before: string;
  /** What `before` ends with, in every chunk of the part. */
  readonly member: string;
  readonly after: string;
  readonly logprobs: ToldLogprobs["kind"];
  readonly reasoning?: GrowingReasoning | undefined;
  /** A tool call's start of every delta. */
  readonly call?: string | undefined;
}

interface GrowingReasoning {
  readonly text: GrowingText;
  proof?: Omit<ToldReasoning, "text">;
}

const beginsAgain = "\n\n[The answer broke off here. It begins again:]\n\n";

const notTakenBack = (told: string): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message:
      `The answer broke off after ${told} and begins again, which OpenAI's format cannot tell. ` +
      "Send the request again, or with the header x-sluice-meta: 1 and read `sluice.seam`.",
  });

/** What is the same in every chunk of a stream is written once. */
class EventMapper implements ChunkMapper {
  readonly #options: ChunkOptions;
  readonly #usageMember: string;
  readonly #end: string;
  readonly #unplaced: UnplacedPart[] = [];
  readonly #open: (OpenPart | undefined)[] = [];
  readonly #reasoning: GrowingReasoning[] = [];
  readonly #seams: Seam[] = [];
  /** Up to the model's name. */
  #head = "";
  #start = "";
  #deltaStart = "";
  readonly #deltaEnd: string;
  // The chunk with the role goes out with the first content; it says `null` of a text that did not begin.
  #roleIsDue = false;
  #firstContent = "null";
  #textBegun = false;
  #toolCalls = 0;
  #refused = false;
  /** Of the answer as it stands: what no client can be told to forget. */
  #lasting: "a tool call" | "a refusal" | undefined;
  #usage: Usage | undefined;

  constructor(options: ChunkOptions) {
    this.#options = options;
    this.#usageMember = options.includeUsage ? `,"usage":null` : "";
    this.#end = `]${this.#usageMember}}\n\n`;
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
      case "seam":
        return this.#goOver(event);
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
    this.#head =
      `data: {"id":${JSON.stringify(id)},"object":"chat.completion.chunk",` +
      `"created":${createdSeconds(createdAtMs)},"model":`;
    this.#setModel(model);
    this.#roleIsDue = true;
  }

  #setModel(model: string): void {
    this.#start = `${this.#head}${JSON.stringify(model)},"choices":[`;
    this.#deltaStart = `${this.#start}{"index":0,"delta":{`;
  }

  #goOver(seam: Seam): string {
    const { withMeta } = this.#options;
    const restarts = seam.policy === "restart";
    if (restarts && !withMeta && this.#lasting !== undefined) throw notTakenBack(this.#lasting);
    this.#seams.push(seam);
    this.#setModel(seam.model);
    const between = restarts && this.#textBegun ? `"content":${JSON.stringify(beginsAgain)}` : "";
    if (restarts) this.#voidParts();
    for (const part of this.#open) if (part !== undefined) part.before = this.#deltaStart + part.member;
    if (!restarts && !withMeta) return "";
    const sluice = `,"sluice":{"seam":${JSON.stringify(seamJson(seam))}}`;
    const end = `},"finish_reason":null}]${this.#usageMember}${sluice}}\n\n`;
    return this.#withRole(`${this.#deltaStart}${between}${end}`);
  }

  #voidParts(): void {
    this.#open.length = 0;
    this.#reasoning.length = 0;
    this.#unplaced.length = 0;
    this.#textBegun = false;
    this.#refused = false;
    this.#lasting = undefined;
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

  #openPart(member: string, part: Omit<OpenPart, "before" | "member">): OpenPart {
    return { before: this.#deltaStart + member, member, ...part };
  }

  #openText(index: number, member: "content" | "refusal"): string {
    this.#open[index] = this.#openPart(`"${member}":`, { after: "", logprobs: member });
    return "";
  }

  #startPart(index: number, part: PartStart): string {
    switch (part.kind) {
      case "text":
        this.#firstContent = `""`;
        this.#textBegun = true;
        return this.#openText(index, "content");
      case "reasoning":
        return this.#openReasoning(index);
      case "refusal":
        this.#refused = true;
        this.#lasting = "a refusal";
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
    const reasoning: GrowingReasoning = { text: new GrowingText() };
    this.#reasoning.push(reasoning);
    this.#open[index] = this.#openPart(`"reasoning_content":`, { after: "", logprobs: "content", reasoning });
    return "";
  }

  #startToolCall(index: number, { id, name }: { readonly id: string; readonly name: string }): string {
    const call = `"tool_calls":[{"index":${this.#toolCalls}`;
    this.#toolCalls += 1;
    this.#lasting = "a tool call";
    const member = `${call},"function":{"arguments":`;
    this.#open[index] = this.#openPart(member, { after: "}}]", logprobs: "content", call });
    const called = `{"name":${JSON.stringify(name)},"arguments":""}`;
    return this.#whole(`${call},"id":${JSON.stringify(id)},"type":"function","function":${called}}]`);
  }

  #delta({ index, text, logprobs }: PartDelta): string {
    const part = this.#open[index];
    if (part === undefined || (text === "" && logprobs === undefined)) return "";
    if (part.reasoning !== undefined) part.reasoning.text.add(text);
    const delta = part.before + JSON.stringify(text) + part.after;
    if (logprobs === undefined) return this.#withRole(delta + this.#deltaEnd);
    const told = JSON.stringify(logprobsJson([{ kind: part.logprobs, told: logprobs }]));
    return this.#withRole(`${delta}},"logprobs":${told},"finish_reason":null}${this.#end}`);
  }

  #finishPart({ index, signature, redactedData, vendor }: PartFinished): string {
    const part = this.#open[index];
    if (part === undefined) return "";
    if (part.reasoning !== undefined) part.reasoning.proof = { signature, redactedData, vendor };
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
    const told = this.#reasoning.map(({ text, proof }) => ({ text: text.whole(), ...proof }));
    const details = reasoningDetails(told);
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
    const unplaced = { parts: this.#unplaced, seams: this.#seams };
    const sluice = withMeta ? `,"sluice":${JSON.stringify(sluiceJson(meta, unplaced))}` : "";
    const done = `${sluice}}\n\ndata: [DONE]\n\n`;
    if (!includeUsage) return before + this.#withRole(finish + done);
    const usage = this.#usageChunk();
    if (usage === undefined) return before + this.#withRole(`${finish},"usage":null${done}`);
    return before + this.#withRole(`${finish},"usage":null}\n\n${usage}${done}`);
  }
}
