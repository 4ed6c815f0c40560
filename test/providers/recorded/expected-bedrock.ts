// What a recorded answer of Converse must give. Apart from the adapter: written from the wire format. A stream is
// first put together to the answer that a unary call would have given, then both are read alike.

import type { FinishReason } from "../../../src/core/chat/events.ts";
import type { FailureClass } from "../../../src/core/provider-error.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import { assembleConverse, streamMessages } from "./event-stream-messages.ts";
import type { ExpectedContent, ExpectedFinish, ExpectedTool, Expectation } from "./expectation.ts";
import { nothing } from "./expectation.ts";
import { argumentsOf, at, listOf, numberOf, parseJson, textOf } from "./json-view.ts";
import { retryAfterOf } from "./retry-after.ts";

export function expectBedrock(recorded: RecordedCase): Expectation {
  if (recorded.kind === "error") {
    const failure = httpFailure(recorded);
    return { content: nothing, model: undefined, usage: undefined, finish: undefined, failure };
  }
  const messages = recorded.stream ? streamMessages(recorded.bytes) : [];
  const answer = recorded.stream ? assembleConverse(messages) : parseJson(recorded.body);
  const exception = messages.find(({ messageType }) => messageType !== "event");
  return {
    content: contentOf(answer),
    // The vendor does not tell which model answered.
    model: undefined,
    usage: usageOf(at(answer, "usage")),
    finish: exception === undefined ? finishOf(answer) : undefined,
    failure: exception === undefined ? undefined : { classes: [classOf(exception.name)] },
  };
}

/** After how many bytes a stream is whole: its message has ended; the usage may come behind it. */
export const wholeFromBedrock = ({ bytes }: RecordedCase): number =>
  streamMessages(bytes).find(({ name }) => name === "messageStop")?.endsAtByte ?? Infinity;

const reasoningOf = (block: unknown): string =>
  textOf(at(block, "reasoningContent", "reasoningText", "text")) ?? "";

function contentOf(answer: unknown): ExpectedContent {
  const blocks = listOf(at(answer, "output", "message", "content"));
  const trace = at(answer, "trace");
  return {
    ...nothing,
    text: blocks.map((block) => textOf(at(block, "text")) ?? "").join(""),
    reasoning: blocks.map(reasoningOf).join(""),
    tools: blocks.flatMap((block) => toolOf(at(block, "toolUse"))),
    opaques: trace === undefined ? [] : [{ type: "trace", json: trace }],
    signatures: [],
    redacted: [],
    order: [...blocks.flatMap((block) => kindOf(block) ?? []), ...(trace === undefined ? [] : ["opaque"])],
  };
}

/** Undefined: an empty block. */
function kindOf(block: unknown): string | undefined {
  if (at(block, "toolUse") !== undefined) return "tool_call";
  if (reasoningOf(block) !== "") return "reasoning";
  return (at(block, "text") ?? "") === "" ? undefined : "text";
}

function toolOf(toolUse: unknown): readonly ExpectedTool[] {
  const name = textOf(at(toolUse, "name"));
  if (name === undefined) return [];
  const written = textOf(at(toolUse, "inputText"));
  // A call that was cut before its input has none.
  const input = written === undefined ? at(toolUse, "input") : argumentsOf(written);
  return [{ id: textOf(at(toolUse, "toolUseId")), name, input }];
}

const reasons: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  tool_use: "tool_calls",
  max_tokens: "length",
  guardrail_intervened: "content_filter",
};

function finishOf(answer: unknown): ExpectedFinish {
  const rawReason = textOf(at(answer, "stopReason")) ?? "";
  const reason = reasons[rawReason];
  if (reason === undefined) throw new Error(`unread stop reason: ${rawReason}`);
  return { reason, rawReason, stopSequence: undefined };
}

/** The vendor's sum of all has the cache's tokens in it, its `inputTokens` has not. */
function usageOf(usage: unknown): Expectation["usage"] {
  if (usage === undefined) return undefined;
  const total = numberOf(at(usage, "totalTokens"));
  const output = numberOf(at(usage, "outputTokens"));
  return {
    inputTotal: total === undefined || output === undefined ? undefined : total - output,
    cacheRead: numberOf(at(usage, "cacheReadInputTokens")),
    cacheWrite: numberOf(at(usage, "cacheWriteInputTokens")),
    outputTotal: output,
    reasoning: undefined,
  };
}

function httpFailure({ status, headers, body }: RecordedCase): Expectation["failure"] {
  const type = headers["x-amzn-errortype"]?.replace(/:.*/, "");
  const message = textOf(at(parseJson(body), "message"));
  return {
    classes: [type === undefined && status === 400 ? classOfMessage(message) : classOf(type)],
    httpStatus: status,
    retryAfterMs: retryAfterOf(headers),
    requestId: headers["x-amzn-requestid"],
  };
}

const classes: Readonly<Record<string, FailureClass>> = {
  UnrecognizedClientException: "authentication",
  ThrottlingException: "rate_limited",
  ServiceUnavailableException: "overloaded",
  modelStreamErrorException: "unavailable",
};

function classOf(type: string | undefined): FailureClass {
  const found = classes[type ?? ""];
  if (found === undefined) throw new Error(`unread error type: ${type}`);
  return found;
}

function classOfMessage(message: string | undefined): FailureClass {
  if (message === "The provided model identifier is invalid.") return "model_unavailable";
  throw new Error(`unread error message: ${message}`);
}
