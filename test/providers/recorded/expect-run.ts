// Holds what an adapter told against what the recording must give.

import { expect } from "vitest";
import type { Usage } from "../../../src/core/chat/usage.ts";
import { brokenRule } from "./check-sequence.ts";
import type {
  ExpectedCitation,
  ExpectedFailure,
  Expectation,
  ExpectedTool,
  ExpectedUsage,
} from "./expectation.ts";
import type { Told } from "./fold.ts";
import { fold } from "./fold.ts";
import type { Run } from "./run.ts";
import { lostOf, orderTold, partsProper, toldContent } from "./told-content.ts";

export function expectRun(run: Run, expectation: Expectation): void {
  expect(brokenRule(run)).toBeUndefined();
  const told = fold(run.events);
  expectContent(told, expectation);
  expect(told.model).toBe(expectation.model);
  // `toEqual` takes a member that is undefined for one that is absent.
  expect(told.finish).toEqual(expectation.finish);
  expectFailure(run, expectation.failure);
  expectUsage(told.usage, expectation.usage);
}

export function expectFailure({ failure }: Run, expected: ExpectedFailure | undefined): void {
  if (expected === undefined) {
    if (failure !== undefined) throw failure;
    return;
  }
  expect(expected.classes).toContain(failure?.failure);
  expect(failure?.message).not.toBe("");
  for (const member of ["httpStatus", "retryAfterMs", "requestId"] as const) {
    const told = member === "requestId" ? failure?.upstreamRequestId : failure?.[member];
    if (expected[member] !== undefined) expect(told, member).toBe(expected[member]);
  }
}

function expectContent({ parts }: Told, { content }: Expectation): void {
  const { kept, beside, order, opaques, signatures, redacted, tools, citations, ...plain } = content;
  const proper = partsProper(parts, beside);
  const told = toldContent(proper);
  expect(told).toMatchObject(plain);
  expect(told.tools).toEqual(tools.map((tool) => toolPattern(tool)));
  expect(told.citations).toEqual(citations.map((citation) => citationPattern(citation)));
  if (opaques !== undefined) expect(told.opaques).toEqual(opaques);
  if (signatures !== undefined) expect(told.signatures).toEqual(signatures);
  if (redacted !== undefined) expect(told.redacted).toEqual(redacted);
  if (order !== undefined) expect(orderTold(proper, opaques !== undefined)).toEqual(order);
  expect(lostOf(kept, parts), "lost on the way").toEqual([]);
}

/** Where the vendor gave no id, ours may be any that is not empty. */
const toolPattern = ({ id, ...tool }: ExpectedTool) => ({ id: id ?? expect.stringMatching(/./), ...tool });

const citationPattern = (citation: ExpectedCitation): unknown =>
  expect.objectContaining(
    Object.fromEntries(Object.entries(citation).filter(([, value]) => value !== undefined)),
  );

function expectUsage(usage: Usage | undefined, expected: ExpectedUsage | undefined): void {
  if (expected === undefined) {
    expect(usage).toBeUndefined();
    return;
  }
  const { inputTotal, cacheRead, cacheWrite, outputTotal, reasoning, inputAudio, outputAudio } = expected;
  // A count of reasoning above that of the whole output cannot be told so that the parts make up the total.
  const plausible = (reasoning ?? 0) <= (outputTotal ?? 0);
  const { input, output, source } = usage ?? { input: {}, output: {}, source: undefined };
  expect(source).toBe("reported");
  expect({ inputTotal: input.total, cacheRead: input.cacheRead, cacheWrite: input.cacheWrite }).toEqual({
    inputTotal,
    cacheRead,
    cacheWrite,
  });
  expect(output.total).toBe(outputTotal);
  expect({ inputAudio: input.audio, outputAudio: output.audio }).toEqual({ inputAudio, outputAudio });
  if (plausible) expect(output.reasoning).toBe(reasoning);
  if (input.uncached !== undefined || cacheRead !== undefined) {
    expect((input.uncached ?? NaN) + (cacheRead ?? 0) + (cacheWrite ?? 0)).toBe(input.total);
  }
  if (output.text !== undefined) {
    expect(output.text).toBeGreaterThanOrEqual(0);
    if (plausible) expect(output.text + (reasoning ?? 0)).toBe(output.total);
  }
}
