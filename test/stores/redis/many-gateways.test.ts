// Several processes on one Redis have one limit.

import { expect, test } from "vitest";
import { takeInProcesses } from "./take-in-processes.ts";

test("four processes are let in as often as one would be, and not more", async () => {
  const limit = 3_000;
  const { asked, admitted, most, admittedEach } = await takeInProcesses({
    processes: 4,
    limit,
    forMs: 1_500,
  });
  expect(admitted / most).toBeLessThanOrEqual(1.01);
  // Whoever was refused could not have been let in: they asked for more than there was.
  if (asked > most) expect(admitted).toBeGreaterThanOrEqual(limit);
  expect(Math.min(...admittedEach)).toBeGreaterThan(0);
});
