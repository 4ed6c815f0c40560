import type { BenchContext, Figure } from "../bench-context.ts";
import { shortStreamedBody } from "../chats.ts";
import type { Child } from "../child-process.ts";
import { loadReport, memoryReport, type MemoryReport } from "../messages.ts";

const limitMegabytes = 50;
const streams = 1_000;
/** With what begins and ends a stream: 10 events. */
const tokens = 5;
const delayMs = 400;
const warmUp = { callers: 50, delayMs: 5 } as const;

export const resumableMemory: Figure = {
  name: "resumable",
  method: [
    `Memory of ${streams} resumable streams of 10 events each on the OpenAI face (x-sluice-resumable: 1): live objects and what they`,
    "hold outside of the heap after a full collection, less what there was before; while they run, half-way, and when",
    "all have ended and their logs are kept for who resumes. The whole process for information: V8 gives back late.",
    "Baseline: the same streams, not resumable, in another gateway.",
  ],
  async measure(bench) {
    const ours = await grownBy(bench, { "x-sluice-resumable": "1" });
    const baseline = await grownBy(bench, {});
    const line = (when: "during" | "after") => ({
      name: `memory of ${streams} resumable streams, ${when === "during" ? "while they run" : "when they have ended"}`,
      ours: megabytes(ours[when].heapBytes),
      baseline: megabytes(baseline[when].heapBytes),
      ratio: (ours[when].heapBytes / baseline[when].heapBytes).toFixed(2),
      limit: `≤ ${limitMegabytes} MB`,
      holds: ours[when].heapBytes <= limitMegabytes * 1e6,
    });
    return {
      lines: [line("during"), line("after")],
      notes: [`the whole process: ours ${whole(ours)}; baseline ${whole(baseline)}`],
    };
  },
};

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

const whole = ({ during, after }: Growth): string =>
  `${megabytes(during.residentBytes)} while they run, ${megabytes(after.residentBytes)} when they have ended`;

type Held = Pick<MemoryReport, "heapBytes" | "residentBytes">;

interface Growth {
  readonly during: Held;
  readonly after: Held;
}

async function grownBy(bench: BenchContext, headers: Readonly<Record<string, string>>): Promise<Growth> {
  const gateway = await bench.startGateway({
    upstreamPort: bench.upstream.ports["demo"],
    loggingPolicy: "metadata",
  });
  const holds = () => gateway.ask({ ask: "memory" }, memoryReport);
  await read(bench, gateway, { ...warmUp, headers });
  const before = await holds();
  const reading = read(bench, gateway, { callers: streams, delayMs, headers });
  await new Promise((resolve) => setTimeout(resolve, (tokens * delayMs) / 2));
  const during = await holds();
  await reading;
  const after = await holds();
  await gateway.end();
  const less = ({ heapBytes, residentBytes }: MemoryReport): Held => ({
    heapBytes: heapBytes - before.heapBytes,
    residentBytes: residentBytes - before.residentBytes,
  });
  return { during: less(during), after: less(after) };
}

/** Each caller reads one stream to its end. */
async function read(
  { load }: BenchContext,
  gateway: Child,
  asked: {
    readonly callers: number;
    readonly delayMs: number;
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { calls } = await load.ask(
    {
      ask: "load",
      load: {
        protocol: "http",
        port: gateway.ports["http"] ?? 0,
        path: "/v1/chat/completions",
        headers: asked.headers,
        body: shortStreamedBody({ tokens, delayMs: asked.delayMs }),
        callers: asked.callers,
        calls: asked.callers,
        durationMs: 60_000,
        expect: "data: [DONE]",
      },
    },
    loadReport,
  );
  if (calls !== asked.callers) throw new Error(`${calls} streams came to their end, not ${asked.callers}.`);
}
