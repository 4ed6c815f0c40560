// The rest of a resumable run, for who began it: from its log, or from where its gateway tells it to others.

import type { KnownTenants } from "../access/known-tenants.ts";
import type { Call } from "../call.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Numbered, Reply } from "../reply.ts";
import type { KnownRuns } from "./known-runs.ts";
import { readRun } from "./reader-call.ts";
import { readRemoteRun } from "./remote-run.ts";
import { noLongerKept, noSuchRun, notThereYet, othersOutOfReach } from "./run-errors.ts";
import { isRunOf } from "./run-owner.ts";
import { findBegun, isOutOfReach, type StoredRunPorts } from "./stored-run.ts";

export interface AskedRest {
  readonly id: string;
  readonly afterSequence: number;
  /** All that came before is asked for too. */
  readonly fromStart: boolean;
}

export interface ResumePorts<S extends OperationShape> extends StoredRunPorts {
  readonly known: KnownRuns<S>;
  /** Absent: no tenants are kept. */
  readonly tenants?: KnownTenants | undefined;
}

/** Events that a run under way may be ahead of what other gateways know of it. */
const mostAhead = 1_000;

/** Rejects with `not_found`, `invalid_request`, `conflict`, and as the run does. */
export async function resumeRun<S extends OperationShape>(
  call: Call<S>,
  asked: AskedRest,
  ports: ResumePorts<S>,
): Promise<Reply<Numbered<S["event"]>>> {
  const { id, afterSequence, fromStart } = asked;
  const run = ports.known.find(id);
  if (run === undefined) return resumeElsewhere(call, asked, ports);
  if (!run.resumable || !isRunOf(run, call.principal, ports.tenants)) throw noSuchRun();
  const nextSequence = run.execution.log?.nextIndex ?? 0;
  if (afterSequence >= nextSequence) throw notThereYet(afterSequence, nextSequence);
  const seat = run.join(fromStart ? 0 : afterSequence + 1);
  if (typeof seat === "string") throw noLongerKept(id);
  return readRun(call, run, seat);
}

async function resumeElsewhere<S extends OperationShape>(
  call: Call<S>,
  { id, afterSequence, fromStart }: AskedRest,
  ports: ResumePorts<S>,
): Promise<Reply<Numbered<S["event"]>>> {
  const run = await findBegun(call, id, ports);
  const isOwn =
    run !== undefined &&
    run.head.resumable &&
    run.head.operation === call.operation.name &&
    isRunOf(run.head, call.principal, ports.tenants);
  if (run === undefined && isOutOfReach(ports.shared)) throw othersOutOfReach();
  if (!isOwn) throw noSuchRun();
  // Its gateway may have told the caller more than it has told others by now.
  const mayCome = run.ended ? 0 : mostAhead;
  if (afterSequence >= run.nextSequence + mayCome) throw notThereYet(afterSequence, run.nextSequence);
  return readRemoteRun(call, run, fromStart ? -1 : afterSequence);
}
