import { readyReport } from "../messages.ts";
import { behave, type FaultFigure } from "./faults-context.ts";
import { endedReport, type Streams } from "./messages.ts";

const streamsOfEachFace = 100;
const tokens = 50;
const delayMs = 100;

export const stoppedStreams: FaultFigure = {
  name: "stop",
  method: [
    `SIGTERM with ${streamsOfEachFace * 2} live streams, half of them SSE over HTTP, half gRPC, of ${(tokens * delayMs) / 1000} s each: a stream is truncated`,
    "unless it ends with its [DONE], or its `finished` and the status OK; the process has to end by itself, with 0.",
  ],
  async measure(bench) {
    const upstream = await bench.startUpstream(["only"]);
    await behave(upstream, "only", { kind: "stream", tokens, delayMs });
    const gateway = await bench.startGateway({ targets: upstream.ports });
    const open = (streams: Pick<Streams, "protocol" | "port" | "from">) =>
      bench.callers.ask(
        { ask: "open", streams: { ...streams, count: streamsOfEachFace, reads: "all" } },
        readyReport,
      );
    await open({ protocol: "sse", port: gateway.httpPort, from: 1 });
    await open({ protocol: "grpc", port: gateway.grpcPort, from: 1 + streamsOfEachFace });
    const live = (await gateway.metric("sluice_target_in_flight", "provider")).get("only") ?? 0;
    const stopping = gateway.end();
    const { whole, cut } = await bench.callers.ask({ ask: "ends" }, endedReport);
    const exitCode = await stopping;
    return {
      lines: [
        {
          name: `truncated of ${live} live streams by SIGTERM`,
          measured: String(cut.length),
          limit: "0",
          holds: cut.length === 0 && whole === 2 * streamsOfEachFace && live === whole,
        },
        {
          name: "exit code after SIGTERM",
          measured: exitCode === null ? "killed" : String(exitCode),
          limit: "0",
          holds: exitCode === 0,
        },
      ],
      notes: cut.slice(0, 3),
    };
  },
};
