import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { MeasuredFigure } from "../figure.ts";
import type { LimitLine, LimitsContext } from "./limits-context.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const file = "test/e2e/matrix/operations-matrix.test.ts";

export const operationsMatrix: MeasuredFigure<LimitsContext, LimitLine> = {
  name: "matrix",
  method: [
    "Every operation of every front end, asked by every kind of caller for its own tenant and for another: the test of it.",
  ],
  async measure() {
    const vitest = join(root, "node_modules", ".bin", "vitest");
    const { stdout } = await promisify(execFile)(vitest, ["run", file], {
      cwd: root,
      maxBuffer: 10_000_000,
    }).catch((error: unknown) => ({ stdout: String(Reflect.get(Object(error), "stdout")) }));
    const told = /operations matrix: (.*)/.exec(stdout)?.[1] ?? "it told nothing";
    return {
      lines: [
        {
          name: "the operations matrix",
          measured: told,
          limit: "100 %",
          holds: / 100 %/.test(told) && !stdout.includes("FAIL"),
        },
      ],
      notes: [],
    };
  },
};
