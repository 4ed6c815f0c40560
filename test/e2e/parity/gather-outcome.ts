// From events or a reply's parts, already in the core's words, to an outcome. It is written apart from the
// core's own gathering, which stands on trial here.

import type { ChatEvent, Seam } from "../../../src/core/chat/events.ts";
import type { ChatReply, ReplyPart } from "../../../src/core/chat/gather.ts";
import type { Numbered, ReplyMeta } from "../../../src/core/reply.ts";
import type { EmbedOutcome, ErrorSeen, Outcome, ProofSeen, SeamSeen, StartedSeen } from "./client.ts";

type Told = { -readonly [Key in keyof Outcome]: Outcome[Key] };

export interface EventGatherer {
  add(event: Numbered<ChatEvent>): void;
  /** What was seen by now; a failed stream's meta comes with its error. */
  outcome(failure?: Failure): Outcome;
}

export interface Failure {
  readonly error: ErrorSeen;
  readonly meta?: ReplyMeta | undefined;
}

/** `onContent` hears of each delta that is not empty. */
export function createEventGatherer(onContent: () => void = () => {}): EventGatherer {
  const kinds = new Map<number, string>();
  const calls = new Map<number, { id: string; name: string; argumentsJson: string }>();
  const events: string[] = [];
  const proofs: ProofSeen[] = [];
  const seams: SeamSeen[] = [];
  const told: Told = { text: "", reasoning: "", refusal: "", toolCalls: [] };
  let started: StartedSeen | undefined;

  function addDelta(index: number, text: string): void {
    const kind = kinds.get(index);
    const call = calls.get(index);
    if (call !== undefined) call.argumentsJson += text;
    else if (kind === "text" || kind === "reasoning" || kind === "refusal") told[kind] += text;
    else throw new Error(`A delta came for part ${index}, which is ${kind ?? "not open"}.`);
    if (text !== "") onContent();
  }

  function goOver({ provider, model, policy, losses }: Seam): void {
    seams.push({ provider, model, policy, losses });
    if (policy === "continue") return;
    kinds.clear();
    calls.clear();
    proofs.length = 0;
    Object.assign(told, { text: "", reasoning: "", refusal: "" });
  }

  return {
    add(event) {
      events.push(`${event.sequence} ${event.type}`);
      switch (event.type) {
        case "started":
          started = { id: event.id, provider: event.provider, model: event.model, meta: event.meta };
          return;
        case "part_started":
          kinds.set(event.index, event.part.kind);
          if (event.part.kind === "tool_call") {
            calls.set(event.index, { id: event.part.id, name: event.part.name, argumentsJson: "" });
          }
          return;
        case "part_delta":
          return addDelta(event.index, event.text);
        case "part_finished":
          proofs.push(...proofOf(kinds.get(event.index), event));
          return;
        case "usage":
          told.usage = event.usage;
          return;
        case "seam":
          return goOver(event);
        case "finished":
          told.finishReason = event.reason;
          told.rawReason = event.rawReason;
          told.stopSequence = event.stopSequence;
          told.meta = event.meta;
      }
    },
    outcome: (failure) => ({
      ...told,
      toolCalls: [...calls.values()],
      proofs,
      seams,
      started,
      events,
      meta: failure?.meta ?? told.meta,
      error: failure?.error,
    }),
  };
}

type WholeReply = Pick<ChatReply, "parts" | "finishReason" | "rawReason" | "stopSequence" | "usage" | "meta">;

/** None where the vendor gave none. */
function proofOf(kind: string | undefined, { signature, redactedData, vendor }: Proof): readonly ProofSeen[] {
  if (signature === undefined && redactedData === undefined && vendor === undefined) return [];
  if (kind === "reasoning" || kind === "tool_call") return [{ of: kind, signature, redactedData, vendor }];
  throw new Error(`A proof came with a part of the kind ${kind ?? "none"}.`);
}

type Proof = Omit<ProofSeen, "of">;

const proofOfPart = (part: ReplyPart): readonly ProofSeen[] =>
  part.kind === "reasoning" || part.kind === "tool_call" ? proofOf(part.kind, part) : [];

export function outcomeOfReply(reply: WholeReply): Outcome {
  const textOf = (kind: "text" | "reasoning" | "refusal") =>
    reply.parts.map((part) => (part.kind === kind ? part.text : "")).join("");
  return {
    text: textOf("text"),
    reasoning: textOf("reasoning"),
    proofs: reply.parts.flatMap(proofOfPart),
    refusal: textOf("refusal"),
    toolCalls: reply.parts.flatMap((part) =>
      part.kind === "tool_call" ? [{ id: part.id, name: part.name, argumentsJson: part.argumentsJson }] : [],
    ),
    finishReason: reply.finishReason,
    rawReason: reply.rawReason,
    stopSequence: reply.stopSequence,
    usage: reply.usage,
    meta: reply.meta,
  };
}

export const embedOutcomeOfFailure = ({ error, meta }: Failure): EmbedOutcome => ({
  vectors: [],
  meta,
  error,
});

/** A call that failed before it told anything. */
export const outcomeOfFailure = ({ error, meta }: Failure): Outcome => ({
  text: "",
  reasoning: "",
  refusal: "",
  toolCalls: [],
  meta,
  error,
});
