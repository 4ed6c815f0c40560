// What a recorded answer of the Responses API must give. Deliberately separate from the adapter: a stream is read by
// its items as they stand at their end, never by its deltas, so that the two check each other.

import type { FinishReason } from "../../../src/core/chat/events.ts";
import type { FailureClass } from "../../../src/core/provider-error.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import type { Expectation, ExpectedFinish, ExpectedUsage } from "./expectation.ts";
import { nothing } from "./expectation.ts";
import { responsesContent } from "./expected-responses-output.ts";
import { at, listOf, mapOf, numberOf, parseJson, textOf } from "./json-view.ts";
import { retryAfterOf } from "./retry-after.ts";
import type { WireEvent } from "./wire-events.ts";
import { dataOf, wireEvents } from "./wire-events.ts";

const ends: ReadonlySet<unknown> = new Set(["response.completed", "response.incomplete", "response.failed"]);

/** The stream is whole when this event has come with its empty line. */
export const isResponsesEnd = (event: WireEvent): boolean =>
  event.data !== "[DONE]" && ends.has(at(dataOf(event), "type"));

export function expectResponses(recorded: RecordedCase): Expectation {
  if (recorded.kind === "error") return failing(httpFailure(recorded));
  return recorded.stream ? expectStream(recorded.body) : expectAnswer(parseJson(recorded.body));
}

const failing = (failure: NonNullable<Expectation["failure"]>): Expectation => ({
  content: nothing,
  model: undefined,
  usage: undefined,
  finish: undefined,
  failure,
});

function expectAnswer(response: unknown): Expectation {
  // An answer that is only a promise of one is none.
  if (at(response, "status") === "queued") return failing({ classes: ["broken_reply"] });
  return whole(listOf(at(response, "output")), response, []);
}

function expectStream(body: string): Expectation {
  const items: unknown[] = [];
  for (const event of wireEvents(body)) {
    if (event.data === "[DONE]") break;
    const data = dataOf(event);
    if (at(data, "type") === "response.output_item.done") {
      items[numberOf(at(data, "output_index")) ?? 0] = at(data, "item");
    }
    if (isResponsesEnd(event)) {
      const { type: _type, sequence_number: _number, response, ...beside } = mapOf(data);
      return whole(items, response, Object.values(beside));
    }
  }
  throw new Error("a recorded stream without its last event");
}

function whole(items: readonly unknown[], response: unknown, besideEvent: readonly unknown[]): Expectation {
  // The id of an answer that the vendor keeps is what a next request can go on from.
  const id = at(response, "store") === true ? at(response, "id") : undefined;
  const filters = at(response, "content_filters") ?? undefined;
  const beside = [...besideEvent, filters, id].filter((value) => value !== undefined);
  const content = responsesContent(items);
  const kept = beside.map((value) => JSON.stringify(value));
  return {
    content: { ...content, beside, kept },
    model: textOf(at(response, "model")),
    usage: usageOf(at(response, "usage")),
    finish: finishOf(response, items),
    failure: undefined,
  };
}

function finishOf(response: unknown, items: readonly unknown[]): ExpectedFinish {
  const status = textOf(at(response, "status")) ?? "";
  const cut = textOf(at(response, "incomplete_details", "reason"));
  const reasons: Readonly<Record<string, FinishReason>> = {
    max_output_tokens: "length",
    content_filter: "content_filter",
  };
  if (status === "incomplete") {
    const reason = reasons[cut ?? ""];
    if (reason === undefined || cut === undefined) throw new Error(`unread reason: ${cut}`);
    return { reason, rawReason: cut, stopSequence: undefined };
  }
  if (status !== "completed") throw new Error(`unread status: ${status}`);
  const calls = items.some((item) => at(item, "type") === "function_call");
  return { reason: calls ? "tool_calls" : "stop", rawReason: status, stopSequence: undefined };
}

/** Input counts include what was read from or written to the cache; output counts include reasoning. */
function usageOf(usage: unknown): ExpectedUsage | undefined {
  if (usage === undefined || usage === null) return undefined;
  const inputTotal = numberOf(at(usage, "input_tokens"));
  const outputTotal = numberOf(at(usage, "output_tokens"));
  const all = numberOf(at(usage, "total_tokens"));
  if ((inputTotal ?? 0) + (outputTotal ?? 0) !== all) throw new Error("the sum of all is another");
  return {
    inputTotal,
    cacheRead: numberOf(at(usage, "input_tokens_details", "cached_tokens")),
    cacheWrite: numberOf(at(usage, "input_tokens_details", "cache_write_tokens")),
    outputTotal,
    reasoning: numberOf(at(usage, "output_tokens_details", "reasoning_tokens")),
  };
}

const classes: Readonly<Record<number, FailureClass>> = {
  400: "caller_fault",
  401: "authentication",
  429: "rate_limited",
  500: "unavailable",
};

function httpFailure({ status, headers }: RecordedCase): NonNullable<Expectation["failure"]> {
  const failure = classes[status];
  if (failure === undefined) throw new Error(`unread status: ${status}`);
  const retryAfterMs = retryAfterOf(headers);
  return { classes: [failure], httpStatus: status, retryAfterMs, requestId: headers["x-request-id"] };
}
