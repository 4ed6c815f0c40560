// Measures one figure after the other and prints one table. With names of figures on the command line it takes those
// only; `--no-fail` makes a missed figure no error.

import { parseArgs } from "node:util";
import { endChildren } from "./child-process.ts";
import type { Judged, MeasuredFigure } from "./figure.ts";

export interface FigureContext {
  /** Ends the processes that are left, as a figure leaves them that fails. */
  endServers(): Promise<void>;
  close(): Promise<void>;
}

export interface FigureRun<C extends FigureContext, L extends Judged> {
  readonly figures: readonly MeasuredFigure<C, L>[];
  /** What holds of all of them. */
  readonly heading: readonly string[];
  readonly longestRunMs: number;
  readonly open: () => Promise<C>;
  readonly notMeasured: (name: string) => L;
  readonly table: (lines: readonly L[]) => string;
}

/** For a process of its own: sets its exit code. */
export async function runFigures<C extends FigureContext, L extends Judged>(
  run: FigureRun<C, L>,
): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { "no-fail": { type: "boolean", default: false } },
  });
  const watchdog = setTimeout(() => {
    process.stderr.write(`The bench took more than ${run.longestRunMs / 1000} s and was ended.\n`);
    endChildren();
    process.exit(1);
  }, run.longestRunMs);
  process.once("exit", endChildren);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  try {
    const missed = await measureAll(run, positionals);
    process.exitCode = missed === undefined ? 2 : missed && !values["no-fail"] ? 1 : 0;
  } finally {
    clearTimeout(watchdog);
    endChildren();
  }
}

const say = (text = ""): void => void process.stdout.write(`${text}\n`);

/** Resolves with whether a figure missed its limit; undefined: a name is none of a figure. */
async function measureAll<C extends FigureContext, L extends Judged>(
  { figures, heading, open, notMeasured, table }: FigureRun<C, L>,
  names: readonly string[],
): Promise<boolean | undefined> {
  const unknown = names.filter((name) => !figures.some((figure) => figure.name === name));
  if (unknown.length > 0) {
    say(`There is no figure "${unknown[0]}". There are: ${figures.map(({ name }) => name).join(", ")}.`);
    return undefined;
  }
  for (const line of heading) say(line);
  const context = await open();
  const lines: L[] = [];
  try {
    for (const figure of figures.filter(({ name }) => names.length === 0 || names.includes(name))) {
      say();
      for (const line of figure.method) say(line);
      try {
        const measured = await figure.measure(context);
        for (const note of measured.notes) say(`  ${note}`);
        lines.push(...measured.lines);
      } catch (error) {
        say(`  not measured: ${error instanceof Error ? error.message : String(error)}`);
        lines.push(notMeasured(figure.name));
      }
      await context.endServers();
    }
  } finally {
    await context.close();
  }
  say();
  say(table(lines));
  return lines.some(({ holds }) => holds === false);
}
