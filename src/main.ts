// The process's entry: what has to come before all else is loaded first.

const oldestNode = 24;

if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  process.stderr.write(
    `Sluice did not start. It needs Node ${oldestNode}, and this is ${process.versions.node}. ` +
      `Install that, or start by npm, which brings its own.\n`,
  );
  process.exit(1);
}

// Small buffers are cut out of larger ones, each of which stays as long as one of its pieces does: at Node's own 64 KiB
// the messages that wait for slow readers would keep many times their size.
Buffer.poolSize = 8_192;

await import("./compile-cache.ts");
// A signal that comes while the rest is loaded would be lost on a container's first process.
const { watchProcessEnd } = await import("./process-end.ts");
const processEnd = watchProcessEnd();
const { startProcess } = await import("./start-process.ts");
await startProcess(processEnd);
