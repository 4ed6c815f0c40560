// The memory of this process, for tests that something is not kept.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Buffers are part of what is external to the heap. */
export const usedBytes = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** What is left when everything is collected that nobody holds. */
export async function heldBytes(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  for (let round = 0; round < 3; round += 1) {
    if (typeof collect === "function") collect();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  return usedBytes();
}
