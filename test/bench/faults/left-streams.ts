import { setTimeout as wait } from "node:timers/promises";
import { readyReport } from "../messages.ts";
import { quantile } from "../statistics.ts";
import { milliseconds } from "../wording.ts";
import {
  behave,
  type FaultFigure,
  type FaultLine,
  type FaultsContext,
  type Upstream,
} from "./faults-context.ts";
import { leftReport, receivedReport, type Streams } from "./messages.ts";
import type { ServedGateway } from "./served-gateway.ts";

const limitMs = 250;
const streams = 200;
const apartMs = 5;
/** After the last has been left: what is open then is not closed in time. */
const graceMs = 1_000;

const faces = [
  { protocol: "sse", says: "SSE over HTTP" },
  { protocol: "grpc", says: "gRPC" },
] as const;

export const leftStreams: FaultFigure = {
  name: "left",
  method: [
    "Upstream closed after a caller leaves: from the moment that the caller closes its stream until the upstream's",
    `socket is closed; ${streams} streams of each face, left ${apartMs} ms apart. The upstream has begun to stream and says nothing`,
    "more, so that nothing but the caller's leaving tells the gateway of it.",
  ],
  async measure(bench) {
    const upstream = await bench.startUpstream(["only"]);
    await behave(upstream, "only", { kind: "fall_silent", tokens: 3 });
    const gateway = await bench.startGateway({ targets: upstream.ports });
    // What is loaded with a first call of its kind is not measured.
    for (const [i, { protocol }] of faces.entries()) {
      await leave(bench, { gateway, upstream, protocol, from: 1_000 * (i + 1), count: 20 });
    }
    const lines: FaultLine[] = [];
    for (const [i, { protocol, says }] of faces.entries()) {
      const from = 1_000 * (faces.length + i + 1);
      const tookMs = await leave(bench, { gateway, upstream, protocol, from, count: streams });
      const p99 = quantile(tookMs, 0.99);
      lines.push({
        name: `upstream closed after a caller leaves, ${says}: p99`,
        measured: Number.isFinite(p99)
          ? `${milliseconds(p99)} (median ${milliseconds(quantile(tookMs, 0.5))})`
          : `${tookMs.filter((ms) => !Number.isFinite(ms)).length} of ${streams} stayed open`,
        limit: `≤ ${limitMs} ms`,
        holds: p99 <= limitMs,
      });
    }
    return { lines, notes: [] };
  },
};

interface Leaving extends Pick<Streams, "protocol" | "from" | "count"> {
  readonly gateway: ServedGateway;
  readonly upstream: Upstream;
}

/** Resolves with what each took; infinite where the upstream's socket stayed open. */
async function leave(bench: FaultsContext, leaving: Leaving): Promise<readonly number[]> {
  const { gateway, upstream, protocol, from, count } = leaving;
  const port = protocol === "sse" ? gateway.httpPort : gateway.grpcPort;
  await bench.callers.ask(
    { ask: "open", streams: { protocol, port, from, count, reads: "all" } },
    readyReport,
  );
  const { left } = await bench.callers.ask({ ask: "leave", apartMs }, leftReport);
  await wait(graceMs);
  const { closed } = await upstream.ask({ ask: "received", target: "only" }, receivedReport);
  const closedAtMs = new Map(closed.map(({ stream, atMs }) => [stream, atMs]));
  return left.map(({ stream, atMs }) => {
    const tookMs = (closedAtMs.get(stream) ?? Infinity) - atMs;
    if (tookMs < 0) throw new Error("An upstream's socket was closed before its caller left.");
    return tookMs;
  });
}
