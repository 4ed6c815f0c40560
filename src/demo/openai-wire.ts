/** Answers in OpenAI's Chat Completions format, JSON and SSE (platform.openai.com/docs/api-reference/chat/streaming). */
import type { DemoFinish } from "./script.ts";
import type { AnswerContext, WireEvent } from "./vendor.ts";

const fingerprint = "fp_demo000001";

function finishReason(finish: DemoFinish): string {
  if (finish.kind === "prompt_blocked") return "content_filter";
  return finish.kind === "stop_sequence" ? "stop" : finish.kind;
}

function usage({ answer, prompt }: AnswerContext): object {
  return {
    prompt_tokens: prompt.inputTokens,
    completion_tokens: answer.outputTokens,
    total_tokens: prompt.inputTokens + answer.outputTokens,
    prompt_tokens_details: { cached_tokens: prompt.cacheReadTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: answer.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

export function openaiReply(context: AnswerContext): string {
  const { answer, ids } = context;
  const texts: string[] = [];
  const reasoning: string[] = [];
  const toolCalls: object[] = [];
  for (const part of answer.parts) {
    if (part.kind === "text") texts.push(...part.tokens);
    else if (part.kind === "reasoning") reasoning.push(...part.tokens);
    else {
      const call = { name: part.name, arguments: part.fragments.join("") };
      toolCalls.push({ id: ids.next("call_", 24), type: "function", function: call });
    }
  }
  const message = {
    role: "assistant",
    content: toolCalls.length > 0 && texts.length === 0 ? null : texts.join(""),
    // Not OpenAI's own: the name under which Groq and OpenRouter give it.
    ...(reasoning.length > 0 ? { reasoning: reasoning.join("") } : {}),
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
    refusal: null,
    annotations: [],
  };
  return JSON.stringify({
    id: ids.next("chatcmpl-", 29),
    object: "chat.completion",
    created: context.createdSeconds,
    model: context.servedModel,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(answer.finish) }],
    usage: usage(context),
    service_tier: "default",
    system_fingerprint: fingerprint,
  });
}

/** The stream's events; what all chunks share is made once, because a benchmark sends millions of them. */
export function* openaiEvents(context: AnswerContext): Generator<WireEvent> {
  const { answer, ids } = context;
  const shared = JSON.stringify({
    id: ids.next("chatcmpl-", 29),
    object: "chat.completion.chunk",
    created: context.createdSeconds,
    model: context.servedModel,
    service_tier: "default",
    system_fingerprint: fingerprint,
  });
  const head = `data: ${shared.slice(0, -1)},"choices":[`;
  const tail = context.includeUsage ? `],"usage":null}\n\n` : "]}\n\n";
  const deltaHead = `${head}{"index":0,"delta":`;
  const deltaTail = `,"logprobs":null,"finish_reason":null}${tail}`;
  const chunk = (delta: string): string => deltaHead + delta + deltaTail;

  const speaks = answer.parts.every((part) => part.kind !== "tool_call");
  const opening = speaks ? `"content":"","refusal":null` : `"content":null`;
  yield { kind: "frame", text: chunk(`{"role":"assistant",${opening}}`) };
  let call = 0;
  for (const part of answer.parts) {
    if (part.kind !== "tool_call") {
      const name = part.kind === "text" ? `{"content":` : `{"reasoning":`;
      for (const token of part.tokens)
        yield { kind: "token", text: chunk(`${name}${JSON.stringify(token)}}`) };
      continue;
    }
    const definition = JSON.stringify({ name: part.name, arguments: "" });
    const id = ids.next("call_", 24);
    const start = `{"tool_calls":[{"index":${call},"id":"${id}","type":"function","function":${definition}}]}`;
    yield { kind: "token", text: chunk(start) };
    for (const fragment of part.fragments) {
      const more = `{"tool_calls":[{"index":${call},"function":{"arguments":${JSON.stringify(fragment)}}}]}`;
      yield { kind: "token", text: chunk(more) };
    }
    call += 1;
  }
  const finish = `{},"logprobs":null,"finish_reason":"${finishReason(answer.finish)}"}`;
  yield { kind: "closing", text: deltaHead + finish + tail };
  if (context.includeUsage) {
    yield { kind: "closing", text: `${head}],"usage":${JSON.stringify(usage(context))}}\n\n` };
  }
  yield { kind: "closing", text: "data: [DONE]\n\n" };
}
