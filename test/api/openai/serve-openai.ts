// The OpenAI face on a real server of its own, with the official client and a plain one.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import OpenAI from "openai";
import { createOpenAiFrontEnd } from "../../../src/api/openai/openai-front-end.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import type { Provider } from "../../../src/core/provider.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import {
  createScriptedProvider,
  type Script,
  type ScriptedProvider,
} from "../../support/scripted-provider.ts";
import {
  createTestGateway,
  type ReadableLedger,
  type TestGatewayOptions,
} from "../../support/test-gateway.ts";

export interface OpenAiFace {
  readonly baseUrl: string;
  readonly client: OpenAI;
  readonly clock: ManualClock;
  readonly provider: ScriptedProvider;
  readonly ledger: ReadableLedger;
  readonly requests: readonly IncomingMessage[];
  readonly responses: readonly ServerResponse[];
  readonly post: (body: unknown, headers?: Record<string, string>) => Promise<Response>;
  readonly close: () => Promise<void>;
}

export interface FaceOptions {
  readonly scripts: readonly Script[];
  readonly maxBodyBytes?: number;
  /** What the provider does when it is asked for embeddings. */
  readonly embed?: Provider["embed"];
  /** Of the gateway over the scripted provider. */
  readonly core?: Partial<TestGatewayOptions>;
  /** What is served in place of the gateway over the scripted provider. */
  readonly wrap?: (gateway: Gateway) => Gateway;
}

export async function serveOpenAi(options: FaceOptions): Promise<OpenAiFace> {
  const { scripts, maxBodyBytes, embed, core, wrap } = options;
  const clock = createManualClock();
  const provider = createScriptedProvider(...scripts);
  const acme: Provider = embed === undefined ? provider : { ...provider, embed };
  const { gateway, ledger } = createTestGateway({ providers: { acme }, clock, ...core });
  const frontEnd = createOpenAiFrontEnd({
    gateway: wrap?.(gateway) ?? gateway,
    maxBodyBytes: maxBodyBytes ?? 1_000_000,
    clock,
  });
  const requests: IncomingMessage[] = [];
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    responses.push(response);
    frontEnd.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  return {
    baseUrl,
    client: new OpenAI({ baseURL: baseUrl, apiKey: "any", maxRetries: 0 }),
    clock,
    provider,
    ledger,
    requests,
    responses,
    post: (body, headers = {}) =>
      fetch(`${baseUrl}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Waits for what other parts of this process are about to do. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

export async function allOf<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** The data of each event of a stream's text. */
export const eventsOf = (text: string): string[] =>
  text
    .split("\n\n")
    .filter((block) => block.startsWith("data: "))
    .map((block) => block.slice("data: ".length));
