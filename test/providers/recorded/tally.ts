// Counts the recorded cases, and those that came out right in every way of playing them.

import { leftOut } from "./recorded-cases.ts";
import type { RecordedCase } from "../../support/fixtures.ts";

export interface Tally {
  /** Runs a check of the case; the case is right when none of its checks has thrown. */
  check(recorded: RecordedCase, run: () => void | Promise<void>): Promise<void>;
  /** Lines for standard output; for no cases at all, that they were left out. */
  report(): string;
}

const line = (cells: readonly (string | number)[]): string =>
  cells.map((cell, i) => (i === 0 ? String(cell).padEnd(14) : String(cell).padStart(6))).join("");

export function createTally(title: string, cases: readonly RecordedCase[]): Tally {
  const checked = new Set<RecordedCase>();
  const wrong = new Set<RecordedCase>();
  return {
    async check(recorded, run) {
      checked.add(recorded);
      try {
        await run();
      } catch (error) {
        wrong.add(recorded);
        throw error;
      }
    },
    report() {
      if (cases.length === 0) return `\n${leftOut}\n\n`;
      const rows = [...new Set(cases.map(({ provider }) => provider))].map((provider) => {
        const read = cases.filter((recorded) => recorded.provider === provider);
        const right = read.filter((recorded) => checked.has(recorded) && !wrong.has(recorded));
        return line([provider, read.length, right.length]);
      });
      return `\n${[title, line(["provider", "read", "right"]), ...rows].join("\n")}\n\n`;
    },
  };
}
