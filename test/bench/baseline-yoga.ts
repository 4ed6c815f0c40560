// The baseline of GraphQL: the gateway's schema on graphql-yoga as it comes, its HTTP part included. Of its fields
// the subscription is served: it reads the same SSE as the other baselines and gives the gateway's events.

import { GraphQLScalarType } from "graphql";
import { createSchema, createYoga } from "graphql-yoga";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { askUpstream, createChunkReader } from "./baseline-upstream.ts";
import type { AskedChat, ToldUsage } from "./openai-wire.ts";
import { question } from "./messages.ts";
import { createMeter, serveParent } from "./parent-process.ts";

interface ChatInput {
  readonly model?: string;
  readonly messages: readonly {
    readonly role: string;
    readonly parts: readonly { readonly text?: string }[];
  }[];
  readonly sampling?: { readonly temperature?: number };
}

const toUpstream = ({ model = "", messages, sampling }: ChatInput): AskedChat => ({
  model,
  messages: messages.map(({ role, parts }) => ({
    role: role.toLowerCase(),
    content: parts.map(({ text }) => text ?? "").join(""),
  })),
  temperature: sampling?.temperature,
  stream: true,
  stream_options: { include_usage: true },
});

async function* events(input: ChatInput, signal: AbortSignal): AsyncGenerator<object> {
  const body = await askUpstream(JSON.stringify(toUpstream(input)));
  signal.addEventListener("abort", () => body.destroy(), { once: true });
  const id = randomUUID();
  const createdAt = Date.now();
  let sequence = 0;
  const next = () => sequence++;
  let reason: string | undefined;
  let meta: object | undefined;
  const reader = createChunkReader();
  for await (const piece of body) {
    for (const { model, choices, usage } of reader.feed(piece)) {
      if (meta === undefined) {
        meta = metaOf({ id, model: input.model, modelServed: model });
        yield { __typename: "Started", sequence: next(), id, provider: "openai", model, createdAt, meta };
        yield { __typename: "PartStarted", sequence: next(), index: 0, kind: "TEXT" };
      }
      const choice = choices[0];
      const text = choice?.delta.content;
      if (typeof text === "string" && text !== "") {
        yield { __typename: "PartDelta", sequence: next(), index: 0, text };
      }
      if (typeof choice?.finish_reason === "string") {
        reason = choice.finish_reason;
        yield { __typename: "PartFinished", sequence: next(), index: 0 };
      }
      if (usage) yield { __typename: "Usage", sequence: next(), ...toUsage(usage) };
    }
  }
  reader.end();
  yield { __typename: "Finished", sequence: next(), reason: reason?.toUpperCase(), rawReason: reason, meta };
}

const metaOf = (known: {
  readonly id: string;
  readonly model?: string | undefined;
  readonly modelServed: string;
}) => ({
  requestId: known.id,
  provider: "openai",
  model: known.model,
  modelServed: known.modelServed,
  attempts: 1,
  cacheStatus: "BYPASS",
  losses: [],
});

const toUsage = ({ prompt_tokens, completion_tokens, ...usage }: ToldUsage): object => {
  const cacheRead = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  return {
    input: { total: prompt_tokens, uncached: prompt_tokens - cacheRead, cacheRead },
    output: { total: completion_tokens, text: completion_tokens - reasoning, reasoning },
    source: "REPORTED",
  };
};

const scalar = (name: string, serialize: (value: unknown) => unknown = (value) => value) =>
  new GraphQLScalarType({ name, serialize });

const schema = createSchema({
  typeDefs: readFileSync(new URL("../../generated/schema.graphql", import.meta.url), "utf8"),
  resolvers: {
    JSON: scalar("JSON"),
    Long: scalar("Long", String),
    Nanos: scalar("Nanos", String),
    DateTime: scalar("DateTime", (value) => new Date(Number(value)).toISOString()),
    Subscription: {
      chat: {
        subscribe: (_: unknown, { input }: { input: ChatInput }, { request }) =>
          events(input, request.signal),
        resolve: (event: unknown) => event,
      },
    },
  },
});

const server = createServer(createYoga({ schema, logging: false, graphiql: false, landingPage: false }));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = server.address();
if (address === null || typeof address === "string") throw new Error("The baseline has no port.");

serveParent({ ports: { http: address.port }, question, answer: createMeter() });
