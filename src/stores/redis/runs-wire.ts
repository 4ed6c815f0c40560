// Runs as their scripts take and give them. What is not as the scripts write it was not written by them.

import { parsedJson } from "../../core/json.ts";
import { malformed, objectOf } from "../../core/json-form.ts";
import { text, trueOrFalse, wordOf } from "../../core/json-values.ts";
import type { OperationName } from "../../core/operation-name.ts";
import type { RunHead } from "../../core/runs/shared-runs.ts";

/** Of the run with this id, which is a UUIDv7; in a cluster they are on one node. */
export function keysOfRun(id: string): readonly [run: string, events: string] {
  const run = `sluice:run:{${id}}`;
  return [run, `${run}:events`];
}

const headForm = objectOf<RunHead>({
  id: text,
  operation: wordOf<OperationName>({ chat: 0, embed: 0 }),
  tenantId: text,
  owner: text,
  resumable: trueOrFalse,
});

export const headText = (head: RunHead): string => JSON.stringify(headForm.write(head));

export type RunEnding = { readonly type: "ended" } | { readonly type: "failed"; readonly error: string };

export interface RunStanding {
  readonly nextSequence: number;
  readonly hasEnded: boolean;
}

export interface FoundRun extends RunStanding {
  readonly head: RunHead;
}

export interface ReadRun {
  readonly nextSequence: number;
  readonly ending: RunEnding | undefined;
  readonly events: readonly string[];
}

/** Undefined: it is not there, or is no run with this id. */
export function foundIn(reply: unknown, id: string): FoundRun | undefined {
  const [headText, next, ending] = textsIn(reply);
  const head = headIn(headText, id);
  const standing = standingOf(next, ending);
  return head === undefined || standing === undefined ? undefined : { head, ...standing };
}

/** Of each run how it stands; undefined: it is not there. */
export function standingsIn(reply: unknown, count: number): readonly (RunStanding | undefined)[] {
  const texts = textsIn(reply);
  return Array.from({ length: count }, (_, at) => standingOf(texts[2 * at], texts[2 * at + 1]));
}

/** Undefined: what was asked for is not there. */
export function readIn(reply: unknown, fromSequence: number): ReadRun | undefined {
  const [next, ending, error, ...events] = textsIn(reply);
  const standing = standingOf(next, ending);
  if (standing === undefined) return undefined;
  const { nextSequence, hasEnded } = standing;
  const missing = nextSequence - fromSequence - events.length;
  // Whoever got events from the run itself may be ahead of what has arrived here.
  const isAhead = missing < 0 && events.length === 0 && !hasEnded;
  const isPart = missing > 0 && events.length > 0;
  if (missing !== 0 && !isPart && !isAhead) return undefined;
  if (!hasEnded) return { nextSequence, ending: undefined, events };
  return {
    nextSequence,
    ending: ending === "failed" ? { type: "failed", error: error ?? "" } : { type: "ended" },
    events,
  };
}

function standingOf(next: string | undefined, ending: string | undefined): RunStanding | undefined {
  const isKnown = ending === "" || ending === "ended" || ending === "failed";
  if (next === undefined || !/^\d{1,15}$/.test(next) || !isKnown) return undefined;
  return { nextSequence: Number(next), hasEnded: ending !== "" };
}

function headIn(json: string | undefined, id: string): RunHead | undefined {
  const head = json === undefined ? malformed : headForm.read(parsedJson(json));
  return head === malformed || head.id !== id ? undefined : head;
}

const textsIn = (reply: unknown): readonly string[] =>
  Array.isArray(reply) && reply.every((each) => typeof each === "string") ? reply : [];
