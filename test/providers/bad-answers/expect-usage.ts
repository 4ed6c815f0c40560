// What holds for every usage that an adapter tells, whatever its vendor said.

import { expect } from "vitest";
import type { Usage } from "../../../src/core/chat/usage.ts";
import { costNanos } from "../../../src/core/pricing/price.ts";
import type { Price } from "../../../src/core/pricing/price.ts";
import { brokenRule } from "../recorded/check-sequence.ts";
import type { Outcome } from "./answering-server.ts";

/** So that every kind of token shows in the cost. */
export const price: Price = {
  version: "test",
  inputPicos: 1_000_000n,
  outputPicos: 4_000_000n,
  cacheReadPicos: 100_000n,
  cacheWritePicos: 1_250_000n,
};

/** The reply came whole, with one usage at most. @returns that usage */
export function usageOf({ events, failure }: Outcome): Usage | undefined {
  expect(failure).toBeUndefined();
  expect(brokenRule({ events, failure })).toBeUndefined();
  const texts = events.flatMap((event) => (event.type === "part_delta" ? [event.text] : []));
  expect(texts.join("")).toBe("Hi");
  return events.find((event) => event.type === "usage")?.usage;
}

/** Counts are counts, parts make up their total, and nothing that contradicts itself has a cost. */
export function expectSound(usage: Usage | undefined): void {
  if (usage === undefined) return;
  const { input, output } = usage;
  for (const [name, count] of [...Object.entries(input), ...Object.entries(output)]) {
    expect(count === undefined || (Number.isSafeInteger(count) && count >= 0), `${name}: ${count}`).toBe(
      true,
    );
  }
  const cost = costNanos(usage, price);
  expect(cost === undefined || cost >= 0n).toBe(true);
  const { total, uncached, cacheRead = 0, cacheWrite = 0 } = input;
  if (total !== undefined && uncached !== undefined) expect(uncached + cacheRead + cacheWrite).toBe(total);
  if (total !== undefined && cacheRead + cacheWrite > total) expect(cost).toBeUndefined();
  if (output.total !== undefined) {
    expect((output.text ?? 0) + (output.reasoning ?? 0)).toBeLessThanOrEqual(output.total);
    if (output.text !== undefined && output.reasoning !== undefined) {
      expect(output.text + output.reasoning).toBe(output.total);
    }
  }
}
