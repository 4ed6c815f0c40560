import { setTimeout as wait } from "node:timers/promises";
import { readyReport } from "../messages.ts";
import { median } from "../statistics.ts";
import { behave, type FaultFigure, type FaultsContext } from "./faults-context.ts";
import { endedReport, leftReport, receivedReport, type Streams } from "./messages.ts";
import type { ServedGateway } from "./served-gateway.ts";

const limitMegabytes = 100;
const readersOfEachFace = 250;
const answerBytes = 16_000_000;
const warmUpStreams = 5;
/** Long enough for everything to be full that can be. */
const watchedMs = 5_000;
const betweenLooksMs = 250;

export const slowReaders: FaultFigure = {
  name: "readers",
  method: [
    `${readersOfEachFace * 2} slow readers, half of them SSE over HTTP, half gRPC: each reads no more than comes with its first event,`,
    `of an answer of ${answerBytes / 1e6} MB that the upstream sends as fast as it is taken. What the gateway's process holds`,
    `(VmRSS, as Linux tells it), at its most in ${watchedMs / 1000} s, over the same process before, warm and idle; 1 MB = 10⁶ bytes.`,
    "It must be the gateway that presses back: of half of the answers the upstream may not have sent all.",
  ],
  async measure(bench) {
    const upstream = await bench.startUpstream(["only"]);
    await behave(upstream, "only", { kind: "flood", bytes: answerBytes });
    const gateway = await bench.startGateway({ targets: upstream.ports });
    await warmUp(bench, gateway);
    const before = await gateway.residentBytes();
    await openBoth(bench, gateway, { from: 1_000, count: readersOfEachFace, reads: "first" });
    const most = await mostResident(gateway);
    const { sentBytes } = await upstream.ask({ ask: "received", target: "only" }, receivedReport);
    await bench.callers.ask({ ask: "leave", apartMs: 0 }, leftReport);
    const sent = median(sentBytes.slice(-2 * readersOfEachFace));
    if (sent >= answerBytes) throw new Error("The answers fit into what lies between upstream and readers.");
    const grown = most - before;
    return {
      lines: [
        {
          name: `memory of ${readersOfEachFace * 2} slow readers`,
          measured: `${grown < 0 ? "" : "+"}${megabytes(grown)}`,
          limit: `≤ +${limitMegabytes} MB`,
          holds: grown <= limitMegabytes * 1e6,
        },
      ],
      notes: [
        `the process: ${megabytes(before)}, then ${megabytes(most)}; of its answer of ${megabytes(answerBytes)} ` +
          `the upstream has sent ${megabytes(sent)} to the middle reader, what lies in the kernel's buffers included`,
      ],
    };
  },
};

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** With readers that are not slow, of the same answers. */
async function warmUp(bench: FaultsContext, gateway: ServedGateway): Promise<void> {
  await openBoth(bench, gateway, { from: 1, count: warmUpStreams, reads: "all" });
  const { cut } = await bench.callers.ask({ ask: "ends" }, endedReport);
  if (cut.length > 0) throw new Error(`An answer did not come whole: ${cut[0]}.`);
  await wait(1_000);
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
