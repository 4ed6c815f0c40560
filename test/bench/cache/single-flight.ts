import { type Figure, urlOf } from "../bench-context.ts";
import { keptJsonBody, keptStreamedBody } from "../chats.ts";
import { type Child, startChild } from "../child-process.ts";
import { behave, type Upstream } from "../faults/faults-context.ts";
import { receivedReport } from "../faults/messages.ts";
import { loadReport } from "../messages.ts";

const callsOfEach = 500;
/** All are there before it answers. */
const answerAfterMs = 4_000;

export const singleFlight: Figure = {
  name: "flight",
  method: [
    `${2 * callsOfEach} identical calls at once on the OpenAI face, ${callsOfEach} unary and ${callsOfEach} streamed, temperature 0, nothing kept before;`,
    `the upstream answers ${answerAfterMs / 1_000} s after the first. How many calls it has got.`,
    "Baseline: the pipe, for the same calls.",
  ],
  async measure(bench) {
    const upstream: Upstream = await startChild(new URL("../faults/upstream-process.ts", import.meta.url), {
      TARGETS: "only",
    });
    const streamedLoad = await startChild(new URL("../load-process.ts", import.meta.url));
    try {
      await behave(upstream, "only", { kind: "answer", afterMs: answerAfterMs });
      const received = async () =>
        (await upstream.ask({ ask: "received", target: "only" }, receivedReport)).requests;
      const callAll = async (server: Child): Promise<number> => {
        const before = await received();
        const calls = await Promise.all([
          callAtOnce(bench.load, server, { body: keptJsonBody, expect: "Deep enough" }),
          callAtOnce(streamedLoad, server, { body: keptStreamedBody, expect: "data: [DONE]" }),
        ]);
        if (calls.some((count) => count !== callsOfEach)) throw new Error("Not every call was answered.");
        return (await received()) - before;
      };
      const upstreamPort = upstream.ports["only"];
      const gateway = await bench.startGateway({ upstreamPort, loggingPolicy: "metadata" });
      const ours = await callAll(gateway);
      const pipe = await bench.startBaseline("pipe", { UPSTREAM: urlOf(upstreamPort) });
      const baseline = await callAll(pipe);
      return {
        lines: [
          {
            name: `upstream calls of ${2 * callsOfEach} identical calls at once`,
            ours: `${ours}`,
            baseline: `${baseline}`,
            ratio: "",
            limit: "1",
            holds: ours === 1,
          },
        ],
        notes: [],
      };
    } finally {
      await Promise.all([streamedLoad.end(), upstream.end()]);
    }
  },
};

/** Resolves with how many of them were answered as expected. */
async function callAtOnce(
  load: Child,
  server: Child,
  asked: { readonly body: string; readonly expect: string },
): Promise<number> {
  const { calls } = await load.ask(
    {
      ask: "load",
      load: {
        protocol: "http",
        port: server.ports["http"] ?? 0,
        path: "/v1/chat/completions",
        headers: {},
        ...asked,
        callers: callsOfEach,
        calls: callsOfEach,
        durationMs: 30_000,
      },
    },
    loadReport,
  );
  return calls;
}
