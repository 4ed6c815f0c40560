// What a recorded answer of Ollama's own API must give. Apart from the adapter: written from the wire format. A
// whole answer is a stream of one line.

import type { FinishReason } from "../../../src/core/chat/events.ts";
import type { FailureClass } from "../../../src/core/provider-error.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import type { Expectation } from "./expectation.ts";
import { nothing } from "./expectation.ts";
import { at, numberOf, parseJson, textOf } from "./json-view.ts";
import { retryAfterOf } from "./retry-after.ts";

const linesOf = (body: string): readonly unknown[] =>
  body
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => parseJson(line));

export function expectOllama(recorded: RecordedCase): Expectation {
  if (recorded.kind === "error") {
    const failure = httpFailure(recorded);
    return { content: nothing, model: undefined, usage: undefined, finish: undefined, failure };
  }
  const lines = linesOf(recorded.body);
  const last = lines.find((line) => at(line, "done") === true);
  const join = (member: string): string =>
    lines.map((line) => textOf(at(line, "message", member)) ?? "").join("");
  const [text, reasoning] = [join("content"), join("thinking")];
  return {
    content: {
      ...nothing,
      text,
      reasoning,
      opaques: [],
      signatures: [],
      redacted: [],
      order: [...(reasoning === "" ? [] : ["reasoning"]), ...(text === "" ? [] : ["text"])],
    },
    model: textOf(at(lines[0], "model")),
    usage: last === undefined ? undefined : usageOf(last),
    finish: last === undefined ? undefined : finishOf(last),
    // The recorded one names a fault of the server's.
    failure: last === undefined ? { classes: ["unavailable"] } : undefined,
  };
}

/** After how many bytes the line with `done` is there, its end included or not. */
export function wholeFromOllama({ body }: RecordedCase): number {
  const done = body.indexOf('"done":true');
  if (done === -1) return Infinity;
  const lineEnd = body.indexOf("\n", done);
  return Buffer.byteLength(lineEnd === -1 ? body : body.slice(0, lineEnd));
}

const reasons: Readonly<Record<string, FinishReason>> = { stop: "stop", length: "length" };

function finishOf(line: unknown): Expectation["finish"] {
  const rawReason = textOf(at(line, "done_reason")) ?? "";
  const reason = reasons[rawReason];
  if (reason === undefined) throw new Error(`unread reason: ${rawReason}`);
  return { reason, rawReason, stopSequence: undefined };
}

const usageOf = (line: unknown): Expectation["usage"] => ({
  inputTotal: numberOf(at(line, "prompt_eval_count")),
  cacheRead: undefined,
  cacheWrite: undefined,
  outputTotal: numberOf(at(line, "eval_count")),
  reasoning: undefined,
});

const byStatus: Readonly<Record<number, FailureClass>> = { 404: "model_unavailable" };

function httpFailure({ status, headers }: RecordedCase): Expectation["failure"] {
  const found = byStatus[status];
  if (found === undefined) throw new Error(`unread status: ${status}`);
  return { classes: [found], httpStatus: status, retryAfterMs: retryAfterOf(headers) };
}
