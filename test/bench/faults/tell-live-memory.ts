// Loaded into a gateway's process before its own code, with `--expose-gc`: at each SIGUSR2 it writes what lives after
// a full collection, in bytes, into the file that `LIVE_MEMORY` names.

import { renameSync, writeFileSync } from "node:fs";

const file = process.env["LIVE_MEMORY"] ?? "";

process.on("SIGUSR2", () => {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("The process needs --expose-gc.");
  // What a first collection finds dead may hold others through finalizers.
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(`${file}.part`, String(heapUsed + external));
  renameSync(`${file}.part`, file);
});
