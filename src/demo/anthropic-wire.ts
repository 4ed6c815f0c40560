/** Answers in Anthropic's Messages format, JSON and SSE (docs.claude.com/en/docs/build-with-claude/streaming). */
import { signThinking } from "./anthropic-messages.ts";
import type { DemoFinish, DemoPart } from "./script.ts";
import type { AnswerContext, Ids, WireEvent } from "./vendor.ts";

const stopReasons = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  stop_sequence: "stop_sequence",
  content_filter: "refusal",
  prompt_blocked: "refusal",
} as const;

const refusalDetails = {
  type: "refusal",
  category: null,
  explanation: "The demo model was told to refuse this request.",
};

function stopFields(finish: DemoFinish): object {
  const sequence = finish.kind === "stop_sequence" ? finish.sequence : null;
  const reason = stopReasons[finish.kind];
  const details = reason === "refusal" ? refusalDetails : null;
  return { stop_reason: reason, stop_sequence: sequence, stop_details: details };
}

/** Anthropic's `input_tokens` leaves out what was read from the cache or written to it. */
function inputUsage({ prompt }: AnswerContext): object {
  return {
    input_tokens: prompt.inputTokens - prompt.cacheReadTokens - prompt.cacheWriteTokens,
    cache_creation_input_tokens: prompt.cacheWriteTokens,
    cache_read_input_tokens: prompt.cacheReadTokens,
  };
}

function outputUsage({ answer }: AnswerContext): object {
  const thinking = { output_tokens_details: { thinking_tokens: answer.reasoningTokens } };
  return { output_tokens: answer.outputTokens, ...(answer.reasoningTokens > 0 ? thinking : {}) };
}

function message(
  context: AnswerContext,
  more: { content: readonly object[]; stop: object; output: object },
): object {
  return {
    model: context.servedModel,
    id: context.ids.next("msg_01", 22),
    type: "message",
    role: "assistant",
    content: more.content,
    ...more.stop,
    usage: {
      ...inputUsage(context),
      cache_creation: {
        ephemeral_5m_input_tokens: context.prompt.cacheWriteTokens,
        ephemeral_1h_input_tokens: 0,
      },
      ...more.output,
      service_tier: "standard",
      inference_geo: "not_available",
    },
  };
}

export function anthropicReply(context: AnswerContext): string {
  const content = context.answer.parts.map((part) => block(part, context.ids));
  const stop = stopFields(context.answer.finish);
  return JSON.stringify(message(context, { content, stop, output: outputUsage(context) }));
}

function block(part: DemoPart, ids: Ids): object {
  if (part.kind === "text") return { type: "text", text: part.tokens.join("") };
  if (part.kind === "reasoning") {
    const thinking = part.tokens.join("");
    return { type: "thinking", thinking, signature: signThinking(thinking) };
  }
  return {
    type: "tool_use",
    id: ids.next("toolu_01", 22),
    name: part.name,
    input: parseInput(part.fragments),
  };
}

/** What the token limit cut is no JSON any more; the vendor gives an empty input then. */
function parseInput(fragments: readonly string[]): unknown {
  try {
    return JSON.parse(fragments.join(""));
  } catch {
    return {};
  }
}

function sse(name: string, fields: object): string {
  return `event: ${name}\ndata: ${JSON.stringify({ type: name, ...fields })}\n\n`;
}

export function* anthropicEvents(context: AnswerContext): Generator<WireEvent> {
  const stop = { stop_reason: null, stop_sequence: null, stop_details: null };
  const opened = message(context, { content: [], stop, output: { output_tokens: 1 } });
  yield { kind: "frame", text: sse("message_start", { message: opened }) };
  for (const [index, part] of context.answer.parts.entries()) {
    const start = sse("content_block_start", { index, content_block: emptyBlock(part, context.ids) });
    yield { kind: part.kind === "tool_call" ? "token" : "frame", text: start };
    if (index === 0) yield { kind: "frame", text: `event: ping\ndata: {"type": "ping"}\n\n` };
    yield* deltas(part, index);
    yield { kind: "frame", text: sse("content_block_stop", { index }) };
  }
  const delta = stopFields(context.answer.finish);
  const usage = { ...inputUsage(context), ...outputUsage(context) };
  yield { kind: "closing", text: sse("message_delta", { delta, usage }) };
  yield { kind: "closing", text: sse("message_stop", {}) };
}

function emptyBlock(part: DemoPart, ids: Ids): object {
  if (part.kind === "text") return { type: "text", text: "" };
  if (part.kind === "reasoning") return { type: "thinking", thinking: "", signature: "" };
  return {
    type: "tool_use",
    id: ids.next("toolu_01", 22),
    name: part.name,
    input: {},
    caller: { type: "direct" },
  };
}

function* deltas(part: DemoPart, index: number): Generator<WireEvent> {
  const head = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":`;
  if (part.kind === "tool_call") {
    const start = `${head}{"type":"input_json_delta","partial_json":`;
    yield { kind: "frame", text: `${start}""}}\n\n` };
    if (part.fragments.join("") === "{}") return;
    for (const piece of part.fragments)
      yield { kind: "token", text: `${start}${JSON.stringify(piece)}}}\n\n` };
    return;
  }
  const start =
    head + (part.kind === "text" ? `{"type":"text_delta","text":` : `{"type":"thinking_delta","thinking":`);
  for (const token of part.tokens) yield { kind: "token", text: `${start}${JSON.stringify(token)}}}\n\n` };
  if (part.kind === "reasoning") {
    const signature = JSON.stringify(signThinking(part.tokens.join("")));
    yield { kind: "frame", text: `${head}{"type":"signature_delta","signature":${signature}}}\n\n` };
  }
}
