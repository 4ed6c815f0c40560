// What one front end's duplicates came to, and what is wrong with it.

import type { FaceAnswer } from "./face.ts";

export interface KeptRecord {
  readonly callId: string;
  /** Attempts that were begun. */
  readonly upstreamCalls: number;
  /** Null: a price or a usage is not known. */
  readonly costNanos: bigint | null;
}

/** What a tenant has used. */
export interface Spent {
  readonly calls: number;
  readonly costNanos: bigint;
}

export interface Evidence {
  readonly face: string;
  /** Of duplicates that were sent together. */
  readonly answers: readonly FaceAnswer[];
  /** Of one more, when all of them were answered. */
  readonly later: FaceAnswer;
  /** All with the key. */
  readonly records: readonly KeptRecord[];
  /** By how much the duplicates raised what is used; undefined: others call too. */
  readonly raised: Spent | undefined;
  /** Requests that reached the upstream; undefined: it is not the check's own. */
  readonly received: number | undefined;
}

/** What was found, in figures. */
export interface FaceFigures {
  readonly face: string;
  readonly answered: number;
  readonly callIds: number;
  readonly records: number;
  readonly upstreamCalls: number;
  /** Decimal nano-dollars. Null: a price or a usage is not known. */
  readonly costNanos: string | null;
  readonly laterIsSame: boolean;
  /** Sentences; none: each duplicate was given the one answer. */
  readonly wrong: readonly string[];
}

type Given = Extract<FaceAnswer, { readonly type: "given" }>;

export function figuresOf(evidence: Evidence): FaceFigures {
  const { face, answers, later, records } = evidence;
  const given = answers.filter((answer): answer is Given => answer.type === "given");
  const callIds = new Set(given.map(({ callId }) => callId));
  const [first] = given;
  const laterIsSame =
    later.type === "given" &&
    first !== undefined &&
    later.callId === first.callId &&
    later.text === first.text;
  const costNanos = sumOf(records);
  return {
    face,
    answered: given.length,
    callIds: callIds.size,
    records: records.length,
    upstreamCalls: upstreamCallsOf(records),
    costNanos: costNanos === null ? null : String(costNanos),
    laterIsSame,
    wrong: [
      ...wrongAnswers(answers, given),
      ...wrongRecords(evidence, [...callIds]),
      ...wrongCharge(evidence, costNanos),
      ...(laterIsSame || given.length === 0 ? [] : [wrongLater(later, first)]),
    ],
  };
}

const upstreamCallsOf = (records: readonly KeptRecord[]): number =>
  records.reduce((sum, record) => sum + record.upstreamCalls, 0);

const sumOf = (records: readonly KeptRecord[]): bigint | null =>
  records.reduce<bigint | null>(
    (sum, { costNanos }) => (sum === null || costNanos === null ? null : sum + costNanos),
    0n,
  );

function wrongAnswers(answers: readonly FaceAnswer[], given: readonly Given[]): string[] {
  const wrong: string[] = [];
  const said = answers.flatMap((answer) => (answer.type === "refused" ? [answer.said] : []));
  if (said[0] !== undefined) {
    wrong.push(
      `${said.length} of ${answers.length} duplicates were not answered; the first was told ${said[0]}`,
    );
  }
  const callIds = new Set(given.map(({ callId }) => callId)).size;
  if (callIds > 1) wrong.push(`The answers bear ${callIds} request ids; one call should have answered all.`);
  const texts = new Set(given.map(({ text }) => text)).size;
  if (texts > 1) wrong.push(`${texts} different texts were given; all should have been the same.`);
  return wrong;
}

function wrongRecords({ records, received }: Evidence, callIds: readonly string[]): string[] {
  const wrong: string[] = [];
  if (records.length !== 1) wrong.push(`${records.length} records bear the key; there should be 1.`);
  const [record] = records;
  const [callId] = callIds;
  if (records.length === 1 && callIds.length === 1 && record?.callId !== callId) {
    wrong.push(`The record is that of call ${record?.callId}, the answers are those of ${callId}.`);
  }
  const begun = upstreamCallsOf(records);
  if (records.length > 0 && begun !== 1) {
    wrong.push(
      `${begun} upstream calls stand on record; there should be 1, if no provider failed and was asked again.`,
    );
  }
  if (received !== undefined && received !== 1) {
    wrong.push(`The upstream received ${received} requests; it should have received 1.`);
  }
  return wrong;
}

function wrongCharge({ raised }: Evidence, costNanos: bigint | null): string[] {
  if (raised === undefined) return [];
  const wrong: string[] = [];
  if (raised.calls !== 1) wrong.push(`The usage counts ${raised.calls} calls more; it should count 1.`);
  if (raised.costNanos !== (costNanos ?? 0n)) {
    wrong.push(
      `The usage costs ${raised.costNanos} nano-dollars more, the records say ${costNanos ?? "nothing known"}.`,
    );
  }
  return wrong;
}

function wrongLater(later: FaceAnswer, first: Given | undefined): string {
  if (later.type === "refused") return `One more duplicate afterwards was told ${later.said}`;
  return later.callId === first?.callId
    ? "One more duplicate afterwards was given another text."
    : `One more duplicate afterwards was given the answer of call ${later.callId}.`;
}
