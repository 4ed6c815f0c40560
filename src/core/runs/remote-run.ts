// A run of another gateway, read from where both can reach it.

import type { Call } from "../call.ts";
import { readError } from "../error-json.ts";
import { parsedJson } from "../json.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Numbered, Reply } from "../reply.ts";
import { endedBy, releasedAfter } from "./reader-call.ts";
import { metaOfRun, runLost } from "./run-errors.ts";
import type { SharedRun } from "./shared-runs.ts";

/** Resolves with its first event. */
export async function readRemoteRun<S extends OperationShape>(
  call: Call<S>,
  run: SharedRun,
  afterSequence: number,
): Promise<Reply<Numbered<S["event"]>>> {
  // What it reads from ends by the signal, and nobody may ask for that end.
  endedBy(call, () => {});
  const events = eventsOf(call, run, afterSequence);
  const first = await events.next();
  const { id } = run.head;
  const meta = first.done === true ? undefined : call.operation.metaOf(first.value);
  return releasedAfter(call, meta ?? metaOfRun(id), after(first, events));
}

async function* after<E>(
  first: IteratorResult<E, void>,
  rest: AsyncGenerator<E, void, undefined>,
): AsyncGenerator<E, void, undefined> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

async function* eventsOf<S extends OperationShape>(
  { operation, signal }: Call<S>,
  run: SharedRun,
  afterSequence: number,
): AsyncGenerator<Numbered<S["event"]>, void, undefined> {
  const { id } = run.head;
  for await (const step of run.steps(afterSequence, signal)) {
    if (step.type === "lost") throw runLost(id);
    if (step.type === "end") {
      if (step.error === undefined) return;
      throw readError(parsedJson(step.error) ?? null) ?? runLost(id);
    }
    const event = operation.events.read(parsedJson(step.event) ?? null);
    if (event === undefined) throw runLost(id);
    yield Object.assign(event, { sequence: step.sequence });
  }
  if (signal.aborted) throw signal.reason;
  throw runLost(id);
}
