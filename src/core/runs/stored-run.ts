// The run of a key that this gateway does not have: another one's, under way, or one of which the reply was kept.

import type { Call } from "../call.ts";
import type { Clock } from "../clock.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Numbered, Reply } from "../reply.ts";
import { wait } from "../wait.ts";
import { untilAborted } from "../until-aborted.ts";
import type { KeyStanding } from "./idempotency-store.ts";
import { GivenReply, readReply } from "./kept-reply.ts";
import { endedBy, releasedAfter } from "./reader-call.ts";
import { readRemoteRun } from "./remote-run.ts";
import { metaOfRun, replyNotKept, runOutOfReach } from "./run-errors.ts";
import type { SharedRun, SharedRuns } from "./shared-runs.ts";

export interface StoredRunPorts {
  readonly shared?: SharedRuns | undefined;
  readonly clock: Clock;
}

export type StoredStanding = Exclude<KeyStanding, { readonly state: "claimed" }>;

/** All of its events. Rejects with `conflict` where they are not there. */
export async function readStoredRun<S extends OperationShape>(
  call: Call<S>,
  standing: StoredStanding,
  { shared, clock }: StoredRunPorts,
): Promise<Reply<Numbered<S["event"]>>> {
  const { runId } = standing;
  const { operation, principal } = call;
  if (standing.state === "running") {
    const run = await findBegun(call, runId, { shared, clock });
    if (run?.head.tenantId !== principal.tenantId || run.head.operation !== operation.name) {
      throw runOutOfReach(runId);
    }
    return readRemoteRun(call, run, -1);
  }
  const reply = standing.reply === undefined ? undefined : readReply(standing.reply, operation.events);
  if (reply === undefined) throw replyNotKept(runId);
  const [first] = reply.events;
  const meta = first === undefined ? undefined : operation.metaOf(first);
  const given = new GivenReply(reply);
  endedBy(call, (reason) => given.endWith(reason));
  return releasedAfter(call, meta ?? metaOfRun(runId), given);
}

/** Whether it is known that not all runs of others are found there. */
export const isOutOfReach = (shared: SharedRuns | undefined): boolean =>
  shared !== undefined && shared.problems().length > 0;

/** In this time a gateway tells of a run that it has begun. */
const tellMs = 20;

/** Undefined: it is not there. Its gateway may have begun it just now; a store that is slow to answer is not asked again. */
export async function findBegun<S extends OperationShape>(
  call: Call<S>,
  id: string,
  { shared, clock }: StoredRunPorts,
): Promise<SharedRun | undefined> {
  const beganAtMs = clock.monotonicMs();
  const run = await findShared(call, id, shared);
  const isSlow = clock.monotonicMs() - beganAtMs > tellMs;
  if (run !== undefined || shared === undefined || isSlow || isOutOfReach(shared)) return run;
  await wait(tellMs, clock, call.signal);
  return findShared(call, id, shared);
}

async function findShared<S extends OperationShape>(
  { signal }: Call<S>,
  id: string,
  shared: SharedRuns | undefined,
): Promise<SharedRun | undefined> {
  return shared === undefined ? undefined : untilAborted(shared.find(id), signal);
}
