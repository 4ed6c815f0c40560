import { type Figure, urlOf } from "./bench-context.ts";
import { answerTokens, streamedPrompt } from "./chats.ts";
import { compareStreams, paced, unpaced } from "./compare-streams.ts";
import type { HttpLoad } from "./messages.ts";
import { checkSame, readSubscription } from "./read-answers.ts";
import { cpuColumns, loadNotes } from "./wording.ts";

const limit = 1.3;

const subscription = `subscription ($input: ChatInput!) {
  chat(input: $input) { __typename sequence ... on PartDelta { index text } ... on Finished { reason } }
}`;

function subscriptionBody(delayMs: number): string {
  const { model, system, user, temperature } = streamedPrompt(delayMs);
  const input = {
    model,
    messages: [
      { role: "SYSTEM", parts: [{ text: system }] },
      { role: "USER", parts: [{ text: user }] },
    ],
    sampling: { temperature },
  };
  return JSON.stringify({ query: subscription, variables: { input } });
}

const asked = (delayMs: number): Pick<HttpLoad, "path" | "headers" | "body" | "expect"> => ({
  path: "/graphql",
  headers: { accept: "text/event-stream" },
  body: subscriptionBody(delayMs),
  expect: `"reason":"STOP"`,
});

export const graphqlEvent: Figure = {
  name: "graphql",
  method: [
    `CPU of an event of a GraphQL subscription by SSE, ${answerTokens} tokens a stream; microseconds of the serving thread`,
    "an event, the call's own cost in it. Baseline: graphql-yoga as it comes with the same schema, its resolver",
    "reading the upstream's SSE as the other baselines do and giving the same events.",
    `${paced.callers} streams at once, ${paced.delayMs} ms a token; unpaced, ${unpaced.callers} at once, for information.`,
  ],
  async measure(bench) {
    const upstreamPort = bench.upstream.ports["demo"];
    const gateway = await bench.startGateway({ upstreamPort });
    const baseline = await bench.startBaseline("yoga", { UPSTREAM: urlOf(upstreamPort) });
    const sides = { ours: gateway, baseline, asked };
    const body = subscriptionBody(0);
    await checkSame(
      "subscriptions",
      [gateway, baseline].map((server) => readSubscription(server, body)),
    );
    const fast = await compareStreams(bench, sides, unpaced);
    const slow = await compareStreams(bench, sides, paced);
    await Promise.all([gateway.end(), baseline.end()]);
    return {
      lines: [
        {
          name: `CPU of a GraphQL event, ${paced.delayMs} ms a token`,
          ...cpuColumns(slow),
          limit: `≤ ${limit}`,
          holds: slow.ratio.median <= limit,
        },
        { name: "CPU of a GraphQL event, unpaced", ...cpuColumns(fast) },
      ],
      notes: loadNotes(slow, "event"),
    };
  },
};
