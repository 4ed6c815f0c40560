// Duplicates of one call by one front end, and what they came to.

import type { Evidence, Spent } from "./evidence.ts";
import { type Face, refused } from "./face.ts";
import type { KeptRecords } from "./kept-records.ts";

export interface VerifyPorts {
  readonly records: KeptRecords;
  /** How many are sent together. */
  readonly duplicates: number;
  readonly newKey: () => string;
  /** Requests that the upstream has received; only of the check's own gateway, which nobody else calls. */
  readonly received: (() => number) | undefined;
}

/** @throws RecordsError */
export async function verifyFace(face: Face, ports: VerifyPorts): Promise<Evidence> {
  const { records, duplicates, received } = ports;
  const key = ports.newKey();
  const before = received === undefined ? undefined : { spent: await records.spent(), received: received() };
  const answers = await Promise.all(Array.from({ length: duplicates }, () => face.ask(key)));
  const answered = answers.find((answer) => answer.type === "given");
  // Where nobody was answered, one more would only be a further call.
  const later = answered === undefined ? refused("nothing") : await face.ask(key);
  const kept = answered === undefined ? [] : await records.withKey(key, answered.callId);
  const spent = before === undefined ? undefined : await records.spent();
  return {
    face: face.name,
    answers,
    later,
    records: kept,
    raised: before === undefined || spent === undefined ? undefined : raisedFrom(before.spent, spent),
    received: before === undefined || received === undefined ? undefined : received() - before.received,
  };
}

const raisedFrom = (before: Spent, after: Spent): Spent => ({
  calls: after.calls - before.calls,
  costNanos: after.costNanos - before.costNanos,
});
