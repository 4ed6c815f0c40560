/**
 * A model server that needs no key and no network: it speaks OpenAI's Chat Completions, Anthropic's Messages and
 * Gemini's generateContent over HTTP, and the embeddings of the first and the last; it answers from its prompt
 * alone, and fails in every way that it is asked to.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";

import { createAnswering } from "./answering.ts";
import { createExchange } from "./exchange.ts";
import { createFaultBook, type DemoFault } from "./faults.ts";
import { createObservations, type DemoCounts, type ReceivedRequest, type Writable } from "./observations.ts";
import { createPromptMemory } from "./prompt-memory.ts";
import { createIds } from "./vendor.ts";

export interface DemoUpstreamOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0, a free one. */
  readonly port?: number;
  /** Default `demo-chat` and `demo-mini`. */
  readonly models?: readonly string[];
  /** Default `demo-embed`: models that make embeddings, and do not chat. */
  readonly embeddingModels?: readonly string[];
  /** Pace of the tokens, default 0: as fast as they are read. */
  readonly tokenDelayMs?: number;
  /** When set, any other credential is refused as the vendor does it; else all are welcome, none included. */
  readonly apiKey?: string;
  /** Default 2026-01-01; `demo-chat` is served as `demo-chat-2026-01-01`, which is accepted as a name too. */
  readonly version?: string;
  /** Milliseconds since 1970, for `created`; default the machine's clock. */
  readonly now?: () => number;
}

export interface DemoUpstream {
  /** `http://127.0.0.1:port`; OpenAI clients want `/v1` behind it, those of the others do not. */
  readonly url: string;
  readonly port: number;
  /** The last 256 requests, oldest first. */
  readonly received: readonly ReceivedRequest[];
  readonly counts: DemoCounts;
  /** Requests whose answer is not over yet. */
  readonly openRequests: number;
  /** For all following requests, to any path, until changed; stronger than what a prompt's directive asks. */
  setFault(fault: DemoFault | undefined): void;
  /** Ends as soon as the counts are such; rejects when the upstream is closed before. */
  waitUntil(reached: (counts: DemoCounts) => boolean): Promise<void>;
  /** Ends when clients have left `count` answers (1 when not given) before their end, counted since the start. */
  waitForEarlyClose(count?: number): Promise<void>;
  /** Destroys all connections. */
  close(): Promise<void>;
}

export async function createDemoUpstream(options: DemoUpstreamOptions = {}): Promise<DemoUpstream> {
  const observations = createObservations();
  const faults = createFaultBook();
  const answering = createAnswering({
    models: options.models ?? ["demo-chat", "demo-mini"],
    embeddingModels: options.embeddingModels ?? ["demo-embed"],
    version: options.version ?? "2026-01-01",
    tokenDelayMs: options.tokenDelayMs ?? 0,
    apiKey: options.apiKey,
    now: options.now ?? Date.now,
    ids: createIds(randomBytes(12).toString("hex")),
    memory: createPromptMemory(),
    faults,
  });
  let closing = false;
  // Longer than clients' pools keep a connection, so that no request meets one which is just being closed.
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    const record = recordOf(request);
    const exchange = createExchange(response, (early) => {
      record.closedEarly = early && !closing;
      observations.closed(record.closedEarly);
    });
    observations.opened();
    void answering({ request, exchange, record, arrived: () => observations.add(record) });
  });
  const host = options.host ?? "127.0.0.1";
  const port = await listen(server, host, options.port ?? 0);
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    received: observations.received,
    counts: observations.counts,
    get openRequests() {
      return observations.counts.open;
    },
    setFault: (fault) => faults.set(fault),
    waitUntil: (reached) => observations.waitUntil(reached),
    waitForEarlyClose: (count = 1) => observations.waitUntil(({ closedEarly }) => closedEarly >= count),
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      observations.end();
    },
  };
}

function recordOf(request: IncomingMessage): Writable<ReceivedRequest> {
  const url = request.url ?? "/";
  const query = url.indexOf("?");
  return {
    method: request.method ?? "GET",
    path: query < 0 ? url : url.slice(0, query),
    headers: request.headers,
    body: undefined,
    closedEarly: false,
    eventsSent: 0,
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `The demo upstream cannot listen on ${host}:${port} (${cause.message}). Give it another port; 0 takes a free one.`;
      reject(new Error(message, { cause }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
