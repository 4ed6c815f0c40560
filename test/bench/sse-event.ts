import { type Figure, urlOf } from "./bench-context.ts";
import { answerTokens, streamedBody } from "./chats.ts";
import { compareStreams, paced, unpaced } from "./compare-streams.ts";
import type { HttpLoad } from "./messages.ts";
import { checkSame, readChunkStream } from "./read-answers.ts";
import { cpuColumns, loadNotes } from "./wording.ts";

const limit = 1.3;

const asked = (delayMs: number): Pick<HttpLoad, "path" | "headers" | "body" | "expect"> => ({
  path: "/v1/chat/completions",
  headers: {},
  body: streamedBody(delayMs),
  expect: "data: [DONE]",
});

export const sseEvent: Figure = {
  name: "sse",
  method: [
    `CPU of an SSE event: POST /v1/chat/completions, streamed with its usage, ${answerTokens} tokens; microseconds of the`,
    "serving thread an event, the call's own cost in it. Baseline: the single file of the JSON call, which parses",
    `each chunk and makes it anew. ${paced.callers} streams at once, ${paced.delayMs} ms a token; unpaced, ${unpaced.callers} at once, for information.`,
  ],
  async measure(bench) {
    const upstreamPort = bench.upstream.ports["demo"];
    const gateway = await bench.startGateway({ upstreamPort });
    const baseline = await bench.startBaseline("single-file", { UPSTREAM: urlOf(upstreamPort) });
    const sides = { ours: gateway, baseline, asked };
    const body = streamedBody(0);
    await checkSame(
      "streams",
      [gateway, baseline].map((server) => readChunkStream(server, body)),
    );
    const fast = await compareStreams(bench, sides, unpaced);
    const slow = await compareStreams(bench, sides, paced);
    await Promise.all([gateway.end(), baseline.end()]);
    return {
      lines: [
        {
          name: `CPU of an SSE event, ${paced.delayMs} ms a token`,
          ...cpuColumns(slow),
          limit: `≤ ${limit}`,
          holds: slow.ratio.median <= limit,
        },
        { name: "CPU of an SSE event, unpaced", ...cpuColumns(fast) },
      ],
      notes: loadNotes(slow, "event"),
    };
  },
};
