// Counts the recorded cases, and those that came out right: read in every way of playing them, over HTTP, and
// asked for as the vendor documents.

import type { RecordedCase } from "../../support/fixtures.ts";
import { leftOut } from "./recorded-cases.ts";

export type Column = "read" | "http" | "asked";

export interface Tally {
  /** Runs a check of the case; the case is right in this column when none of its checks has thrown. */
  check(recorded: RecordedCase, column: Column, run: () => void | Promise<void>): Promise<void>;
  /** Its request has no words in the core; the report names it with the reason. */
  notAsked(recorded: RecordedCase, reason: string): void;
  /** Lines for standard output; for no cases at all, that they were left out. */
  report(): string;
}

const widths = [20, 7, 12, 11, 10, 13];

const line = (cells: readonly (string | number)[]): string =>
  cells
    .map((cell, i) => (i === 0 ? String(cell).padEnd(20) : String(cell).padStart(widths[i] ?? 8)))
    .join("");

export function createTally(cases: readonly RecordedCase[], notOffered: readonly RecordedCase[]): Tally {
  const checked = new Map<Column, Set<RecordedCase>>();
  const wrong = new Map<Column, Set<RecordedCase>>();
  const unasked: string[] = [];
  const note = (sets: Map<Column, Set<RecordedCase>>, column: Column, recorded: RecordedCase): void => {
    const set = sets.get(column) ?? new Set();
    sets.set(column, set.add(recorded));
  };
  const row = (name: string, of: readonly RecordedCase[], left: number): string => {
    const count = (column: Column, right: boolean): number =>
      of.filter(
        (each) =>
          checked.get(column)?.has(each) === true && !(right && wrong.get(column)?.has(each) === true),
      ).length;
    return line([
      name,
      of.length,
      `${count("read", true)}/${count("read", false)}`,
      `${count("http", true)}/${count("http", false)}`,
      `${count("asked", true)}/${count("asked", false)}`,
      left,
    ]);
  };
  return {
    async check(recorded, column, run) {
      note(checked, column, recorded);
      try {
        await run();
      } catch (error) {
        note(wrong, column, recorded);
        throw error;
      }
    },
    notAsked({ provider, name }, reason) {
      unasked.push(`not asked for through the core: ${provider}/${name} (${reason})`);
    },
    report() {
      if (cases.length === 0) return `\n${leftOut}\n\n`;
      const names = [...new Set(cases.map(({ provider }) => provider))];
      const leftOf = (name: string): number => notOffered.filter(({ provider }) => provider === name).length;
      const lines = [
        "Recorded traffic: right of those checked",
        line(["provider", "cases", "read right", "over HTTP", "asked for", "not offered"]),
        ...names.map((name) =>
          row(
            name,
            cases.filter(({ provider }) => provider === name),
            leftOf(name),
          ),
        ),
        row("all", cases, notOffered.length),
        ...unasked,
        ...notOffered.map(({ provider, name, path }) => `not offered: ${provider}/${name} (${path})`),
      ];
      return `\n${lines.join("\n")}\n\n`;
    },
  };
}
