// What a process holds in memory, as Linux tells it; see proc(5).

import { readFile } from "node:fs/promises";

/** All that is resident. */
export const residentBytes = (pid: number): Promise<number> => kernelBytes(`/proc/${pid}/status`, "VmRSS");

/** What it shares with others counted by its share. */
export const shareBytes = (pid: number): Promise<number> => kernelBytes(`/proc/${pid}/smaps_rollup`, "Pss");

/** The kernel tells kibibytes. */
async function kernelBytes(path: string, field: string): Promise<number> {
  const told = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(await readFile(path, "utf8"))?.[1];
  if (told === undefined) throw new Error(`${path} does not tell ${field}: this figure needs Linux.`);
  return Number(told) * 1024;
}
