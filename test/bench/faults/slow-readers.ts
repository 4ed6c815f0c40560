import { setTimeout as wait } from "node:timers/promises";
import { readyReport } from "../messages.ts";
import { median } from "../statistics.ts";
import { behave, type FaultFigure, type FaultLine, type FaultsContext } from "./faults-context.ts";
import { endedReport, leftReport, receivedReport, type Streams } from "./messages.ts";
import type { ServedGateway } from "./served-gateway.ts";

const limitMegabytes = 100;
const readersOfEachFace = 250;
/** More than the kernel takes between upstream and reader. */
const answerBytes = 16_000_000;
const warmUp = { answerBytes: 200_000, streamsOfEachFace: 5, thenIdleMs: 1_000 } as const;
/** Long enough for everything to be full that can be. */
const watchedMs = 4_000;
const betweenLooksMs = 250;

/** What records keep. The limit is that of a gateway in production. */
const policies = [
  { loggingPolicy: "metadata", says: "as with keys", limited: true },
  { loggingPolicy: "full", says: "with bodies, as without keys", limited: false },
] as const;
type Policy = (typeof policies)[number];

export const slowReaders: FaultFigure = {
  name: "readers",
  method: [
    `${readersOfEachFace * 2} slow readers, half of them SSE over HTTP, half gRPC: each reads no more than comes with its first event,`,
    `of an answer of ${answerBytes / 1e6} MB that the upstream sends as fast as it is taken. Live objects and what they hold outside of`,
    `the heap after a full collection, over the same process before, warm and idle; the whole process (VmRSS), at its most in`,
    `${watchedMs / 1000} s in which some gigabytes go through it, for information; 1 MB = 10⁶ bytes.`,
    "The limit holds for what a gateway with keys records, which keeps no bodies unless told to.",
  ],
  async measure(bench) {
    const measured = [];
    for (const policy of policies) measured.push(await measurePolicy(bench, policy));
    return { lines: measured.map(({ line }) => line), notes: measured.map(({ note }) => note) };
  },
};

async function measurePolicy(bench: FaultsContext, { loggingPolicy, says, limited }: Policy) {
  const upstream = await bench.startUpstream(["only"]);
  await behave(upstream, "only", { kind: "flood", bytes: warmUp.answerBytes });
  const environment = { LOGGING_POLICY: loggingPolicy };
  const gateway = await bench.startGateway({ targets: upstream.ports, environment, tellsLiveMemory: true });
  await readWhole(bench, gateway);
  await behave(upstream, "only", { kind: "flood", bytes: answerBytes });
  await wait(warmUp.thenIdleMs);
  const before = { live: await gateway.liveBytes(), resident: await gateway.residentBytes() };
  await openBoth(bench, gateway, { from: 1_000, count: readersOfEachFace, reads: "first" });
  const most = { resident: await mostResident(gateway), live: await gateway.liveBytes() };
  const { sentBytes } = await upstream.ask({ ask: "received", target: "only" }, receivedReport);
  await bench.callers.ask({ ask: "leave", apartMs: 0 }, leftReport);
  await bench.endServers();
  const sent = median(sentBytes);
  if (sent >= answerBytes) throw new Error("The answers fit into what lies between upstream and readers.");
  const grown = most.live - before.live;
  const line: FaultLine = {
    name: `memory of ${readersOfEachFace * 2} slow readers, ${says}`,
    measured: `+${megabytes(grown)}`,
    ...(limited ? { limit: `≤ +${limitMegabytes} MB`, holds: grown <= limitMegabytes * 1e6 } : {}),
  };
  const note =
    `${says}: the whole process had ${megabytes(before.resident)}, then at most ${megabytes(most.resident)}; ` +
    `the upstream has sent ${megabytes(sent)} to the middle reader, what lies in the kernel's buffers included`;
  return { line, note };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 2e7 ? 1 : 0)} MB`;

/** Short answers, by readers that are not slow. */
async function readWhole(bench: FaultsContext, gateway: ServedGateway): Promise<void> {
  await openBoth(bench, gateway, { from: 1, count: warmUp.streamsOfEachFace, reads: "all" });
  const { cut } = await bench.callers.ask({ ask: "ends" }, endedReport);
  if (cut.length > 0) throw new Error(`An answer did not come whole: ${cut[0]}.`);
}

async function openBoth(
  bench: FaultsContext,
  { httpPort, grpcPort }: ServedGateway,
  { from, count, reads }: Pick<Streams, "from" | "count" | "reads">,
): Promise<void> {
  const open = (streams: Streams) => bench.callers.ask({ ask: "open", streams }, readyReport);
  await open({ protocol: "sse", port: httpPort, from, count, reads });
  await open({ protocol: "grpc", port: grpcPort, from: from + count, count, reads });
}

async function mostResident(gateway: ServedGateway): Promise<number> {
  let most = 0;
  for (let watched = 0; watched < watchedMs; watched += betweenLooksMs) {
    most = Math.max(most, await gateway.residentBytes());
    await wait(betweenLooksMs);
  }
  return most;
}
