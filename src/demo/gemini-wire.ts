/**
 * Answers in Gemini's format, JSON and SSE (ai.google.dev/api/generate-content). Calls made after thoughts have ids
 * and a signature as those of Gemini 3 have, others have neither as those of Gemini 2.
 */
import { imageTokens } from "./gemini-messages.ts";
import { signCall, textSignature } from "./gemini-signature.ts";
import { isRecord, type JsonRecord } from "./json-value.ts";
import type { DemoPart } from "./script.ts";
import type { AnswerContext, WireEvent } from "./vendor.ts";

const calledMessage = "Model generated function call(s).";

const safetyRatings = [
  { category: "HARM_CATEGORY_DANGEROUS_CONTENT", probability: "HIGH", blocked: true },
  { category: "HARM_CATEGORY_HARASSMENT", probability: "NEGLIGIBLE" },
];

/** Without candidates. */
function blockedReply(context: AnswerContext): string {
  const feedback = JSON.stringify({ blockReason: "SAFETY", safetyRatings });
  return `{"promptFeedback":${feedback},${usageWriter(context)(0, 0)},${identity(context)}}`;
}

export function geminiReply(context: AnswerContext): string {
  const { answer, request } = context;
  if (answer.finish.kind === "prompt_blocked") return blockedReply(context);
  if (answer.finish.kind === "content_filter") return filteredReply(context);
  const signer = createSigner(context);
  const parts: object[] = [];
  for (const part of answer.parts) {
    if (part.kind === "tool_call") parts.push(...signer.call(part));
    else if (part.kind === "text") parts.push({ text: part.tokens.join(""), ...signer.text() });
    else if (request.hidesReasoning !== true) parts.push({ text: part.tokens.join(""), thought: true });
  }
  const called = answer.finish.kind === "tool_calls";
  const candidate = {
    content: { ...(parts.length > 0 ? { parts } : {}), role: "model" },
    finishReason: finishReason(context),
    index: 0,
    ...(called ? { finishMessage: calledMessage } : {}),
  };
  const usage = usageWriter(context)(spokenTokens(context), answer.reasoningTokens);
  return `{"candidates":[${JSON.stringify(candidate)}],${usage},${identity(context)}}`;
}

/** What the model had said by then is not shown. */
function filteredReply(context: AnswerContext): string {
  const candidate = { content: {}, finishReason: "SAFETY", index: 0, safetyRatings };
  const usage = usageWriter(context)(0, context.answer.reasoningTokens);
  return `{"candidates":[${JSON.stringify(candidate)}],${usage},${identity(context)}}`;
}

/** The stream's events; what all of them share is made once, because a benchmark sends millions of them. */
export function* geminiEvents(context: AnswerContext): Generator<WireEvent> {
  const { answer, request } = context;
  if (answer.finish.kind === "prompt_blocked") {
    yield { kind: "closing", text: `data: ${blockedReply(context)}\r\n\r\n` };
    return;
  }
  const usage = usageWriter(context);
  const signer = createSigner(context);
  const head = `data: {"candidates":[{"content":{"parts":[`;
  const tail = `,${identity(context)}}\r\n\r\n`;
  let spoken = 0;
  let thought = request.hidesReasoning === true ? answer.reasoningTokens : 0;
  const event = (part: string): string =>
    `${head}${part}],"role":"model"},"index":0}],${usage(spoken, thought)}${tail}`;
  for (const part of answer.parts) {
    if (part.kind === "text") {
      for (const token of part.tokens) {
        spoken += 1;
        yield { kind: "token", text: event(`{"text":${JSON.stringify(token)}}`) };
      }
    } else if (part.kind === "tool_call") {
      spoken += part.fragments.length + 1;
      for (const call of signer.call(part)) yield { kind: "token", text: event(JSON.stringify(call)) };
    } else if (request.hidesReasoning !== true) {
      for (const token of part.tokens) {
        thought += 1;
        yield { kind: "token", text: event(`{"text":${JSON.stringify(token)},"thought":true}`) };
      }
    }
  }
  if (answer.finish.kind === "content_filter") {
    const filtered = JSON.stringify({ finishReason: "SAFETY", index: 0, safetyRatings });
    yield {
      kind: "closing",
      text: `data: {"candidates":[${filtered}],${usage(spoken, thought)}${tail}`,
    };
    return;
  }
  const last = JSON.stringify({ text: "", ...signer.text() });
  const finish = `"finishReason":"${finishReason(context)}","index":0`;
  const closing = `${head}${last}],"role":"model"},${finish}}],${usage(spoken, thought)}${tail}`;
  yield { kind: "closing", text: closing };
}

/** Calls end like words; only the token limit says so. */
function finishReason({ answer }: AnswerContext): string {
  return answer.finish.kind === "length" ? "MAX_TOKENS" : "STOP";
}

function spokenTokens({ answer }: AnswerContext): number {
  return answer.outputTokens - answer.reasoningTokens;
}

interface Signer {
  /** The call as a part; none when the token limit cut its arguments. */
  call(part: Extract<DemoPart, { kind: "tool_call" }>): object[];
  /** What the last text of an answer without calls has beside its text. */
  text(): object;
}

/** Of parallel calls the first one alone is signed. */
function createSigner({ answer, ids }: AnswerContext): Signer {
  const thinks = answer.reasoningTokens > 0;
  const calls = answer.parts.some((part) => part.kind === "tool_call");
  let unsigned = thinks;
  return {
    call({ name, fragments }) {
      const args = parseArguments(fragments);
      if (args === undefined) return [];
      if (!thinks) return [{ functionCall: { name, args } }];
      const signature = unsigned ? { thoughtSignature: signCall(name, args) } : {};
      unsigned = false;
      return [{ functionCall: { name, args, id: ids.next("", 8) }, ...signature }];
    },
    text: () => (thinks && !calls ? { thoughtSignature: textSignature } : {}),
  };
}

function parseArguments(fragments: readonly string[]): JsonRecord | undefined {
  try {
    const args: unknown = JSON.parse(fragments.join(""));
    return isRecord(args) ? args : undefined;
  } catch {
    return undefined;
  }
}

function identity({ servedModel, ids }: AnswerContext): string {
  const fields = { modelVersion: servedModel, responseId: ids.next("", 22) };
  return JSON.stringify(fields).slice(1, -1);
}

/** Writes `usageMetadata`; counts of zero are left out, as the vendor does it. Thoughts are beside what was spoken. */
function usageWriter({ prompt, request }: AnswerContext): (spoken: number, thought: number) => string {
  const images = request.messages.reduce((sum, message) => sum + message.images, 0) * imageTokens;
  const details = [{ modality: "TEXT", tokenCount: prompt.inputTokens - images }];
  if (images > 0) details.push({ modality: "IMAGE", tokenCount: images });
  const cached = prompt.cacheReadTokens;
  const shared = JSON.stringify({
    promptTokenCount: prompt.inputTokens,
    promptTokensDetails: details,
    ...(cached > 0
      ? {
          cachedContentTokenCount: cached,
          cacheTokensDetails: [{ modality: "TEXT", tokenCount: cached }],
        }
      : {}),
    serviceTier: "standard",
  });
  const head = `"usageMetadata":${shared.slice(0, -1)}`;
  return (spoken, thought) => {
    const candidates = spoken > 0 ? `,"candidatesTokenCount":${spoken}` : "";
    const thoughts = thought > 0 ? `,"thoughtsTokenCount":${thought}` : "";
    return `${head}${candidates}${thoughts},"totalTokenCount":${prompt.inputTokens + spoken + thought}}`;
  };
}
