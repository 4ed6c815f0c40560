// For information: what an event costs on the front ends that stream over SSE.

import type { Figure } from "./bench-context.ts";
import { urlOf } from "./bench-context.ts";
import { answerTokens, streamedBody, streamedPrompt } from "./chats.ts";
import type { Child } from "./child-process.ts";
import { compare, type Side } from "./compare.ts";
import type { HttpLoad } from "./messages.ts";
import { cpuColumns } from "./wording.ts";

const callers = 16;

const subscription = `subscription ($input: ChatInput!) {
  chat(input: $input) { __typename sequence ... on PartDelta { index text } ... on Finished { reason } }
}`;

function graphqlBody(): string {
  const { model, system, user, temperature } = streamedPrompt(0);
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

type Asked = Pick<HttpLoad, "path" | "body" | "headers" | "expect">;

const openAi: Asked = {
  path: "/v1/chat/completions",
  headers: {},
  body: streamedBody(0),
  expect: "data: [DONE]",
};

export const sseEvent: Figure = {
  name: "sse",
  method: [
    `For information, CPU of an SSE event: ${callers} streams at once of ${answerTokens} tokens, unpaced.`,
    "Baseline of both: the pipe of the JSON call, handing the upstream's SSE on unparsed.",
  ],
  async measure(bench) {
    const upstreamPort = bench.upstream.ports["demo"];
    const gateway = await bench.startGateway({ upstreamPort, recording: "on" });
    const pipe = await bench.startBaseline("baseline-pipe", { UPSTREAM: urlOf(upstreamPort) });
    const side = (server: Child, asked: Asked): Side => ({
      server,
      load: (durationMs) => ({
        protocol: "http",
        port: server.ports["http"] ?? 0,
        ...asked,
        callers,
        durationMs,
      }),
    });
    const graphql: Asked = {
      path: "/graphql",
      headers: { accept: "text/event-stream" },
      body: graphqlBody(),
      expect: `"reason":"STOP"`,
    };
    const lines = [];
    for (const [name, asked] of [
      ["OpenAI SSE", openAi] as const,
      ["GraphQL subscription (SSE)", graphql] as const,
    ]) {
      const compared = await compare(
        bench,
        { ours: side(gateway, asked), baseline: side(pipe, openAi) },
        { rounds: 2, roundMs: 1_500, warmUpMs: 1_000, unitsPerCall: answerTokens },
      );
      lines.push({
        name: `CPU of an event, ${name}`,
        ...cpuColumns(compared),
      });
    }
    await Promise.all([gateway.end(), pipe.end()]);
    return { lines, notes: [] };
  },
};
