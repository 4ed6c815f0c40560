import { expect, it } from "vitest";
import { boundImports } from "../../../src/db/directory/bound-imports.ts";

it.each([
  [10_000, []],
  [10_001, "changed_meanwhile"],
])("with %i imported keys that wait there are enough", async (waiting, applied) => {
  // Of prefixes that do not begin alike.
  const rows = Array.from({ length: waiting }, (_, i) => ({ prefix: `p${100_000 + i}`, alike: 1 }));
  const run = async (_: string, values: readonly unknown[]) => rows.slice(0, Number(values.at(-1)));
  const change = { type: "bound_imports", tenantId: "acme", prefixes: ["p100000"] } as const;
  expect(await boundImports(run, change)).toEqual(applied);
});
