import { setTimeout as wait } from "node:timers/promises";
import type { BenchContext, Figure } from "./bench-context.ts";
import { urlOf } from "./bench-context.ts";
import { shortStreamedBody } from "./chats.ts";
import type { Child } from "./child-process.ts";
import { loadReport, memoryReport, type MemoryReport } from "./messages.ts";

const limitKilobytes = 40;
const streams = 1_000;
const tokens = 40;
const delayMs = 150;

export const streamMemory: Figure = {
  name: "memory",
  method: [
    `Memory of ${streams} open streams on the OpenAI face, ${tokens} tokens at ${delayMs} ms each: live objects and what they`,
    "hold outside of the heap after a full collection, half-way, less what there was before; the whole process for",
    "information. Baseline: the pipe of the JSON call, handing the same streams on unparsed.",
  ],
  async measure(bench) {
    const upstreamPort = bench.upstream.ports["demo"];
    const gateway = await bench.startGateway({ upstreamPort });
    const ours = await heldByStreams(bench, gateway);
    await gateway.end();
    const pipe = await bench.startBaseline("pipe", { UPSTREAM: urlOf(upstreamPort) });
    const baseline = await heldByStreams(bench, pipe);
    await pipe.end();
    return {
      lines: [
        {
          name: "memory of an open stream",
          ours: kilobytes(ours.heapBytes),
          baseline: kilobytes(baseline.heapBytes),
          ratio: (ours.heapBytes / baseline.heapBytes).toFixed(2),
          limit: `≤ ${limitKilobytes} KB`,
          holds: ours.heapBytes <= limitKilobytes * 1_000,
        },
      ],
      notes: [
        `the whole process: ours ${kilobytes(ours.residentBytes)} a stream, baseline ${kilobytes(baseline.residentBytes)}`,
      ],
    };
  },
};

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} KB`;

/** Of one stream. */
type Held = Pick<MemoryReport, "heapBytes" | "residentBytes">;

async function heldByStreams(bench: BenchContext, server: Child): Promise<Held> {
  await open(bench, { server, callers: 50, delayMs: 5 });
  const before = await server.ask({ ask: "memory" }, memoryReport);
  const loading = open(bench, { server, callers: streams, delayMs });
  await wait((tokens * delayMs) / 2);
  const during = await server.ask({ ask: "memory" }, memoryReport);
  const { calls } = await loading;
  if (calls !== streams) throw new Error(`${calls} streams came to their end, not ${streams}.`);
  return {
    heapBytes: (during.heapBytes - before.heapBytes) / streams,
    residentBytes: (during.residentBytes - before.residentBytes) / streams,
  };
}

/** Each caller reads one stream: the load is over before its second could begin. */
const open = (
  bench: BenchContext,
  {
    server,
    callers,
    delayMs,
  }: { readonly server: Child; readonly callers: number; readonly delayMs: number },
) =>
  bench.load.ask(
    {
      ask: "load",
      load: {
        protocol: "http",
        port: server.ports["http"] ?? 0,
        path: "/v1/chat/completions",
        headers: {},
        body: shortStreamedBody({ tokens, delayMs }),
        callers,
        durationMs: (tokens * delayMs) / 2,
        expect: "data: [DONE]",
      },
    },
    loadReport,
  );
