// The upstreams of the suite: what is wrong with each, and what is listening there.

import { once } from "node:events";
import { createServer as createTlsServer } from "node:https";
import { createServer, type Socket } from "node:net";
import { createDemoUpstream, type DemoUpstream } from "../../../src/demo/demo-upstream.ts";
import { makeCertificates } from "../../api/make-certificates.ts";
import { listen } from "../../support/listen.ts";
import { type RawUpstream, startRawUpstream } from "./raw-upstream.ts";

/** Where a fault happens. */
export type PlaceName = "ill" | "raw" | "refused" | "unknown-host" | "untrusted" | "silent";

export interface Places {
  /** Requests to `ill` and `raw` since the start. */
  readonly received: () => number;
  /** A demo upstream that fails as it is told. */
  readonly ill: DemoUpstream;
  /** One that is always well. */
  readonly well: DemoUpstream;
  readonly raw: RawUpstream;
  /** Takes connections and never says a word, so that no TLS comes about. */
  readonly silent: { readonly openConnections: number };
  readonly baseUrls: Readonly<Record<PlaceName | "well", string>>;
  close(): Promise<void>;
}

export const models = {
  openai: "gpt-4.1-mini",
  anthropic: "claude-haiku-4-5",
  gemini: "gemini-2.5-flash",
} as const;

export async function startPlaces(options: { readonly version?: string | undefined }): Promise<Places> {
  const demo = { models: Object.values(models), version: options.version };
  const [ill, well, raw, silent, untrusted, freePort] = await Promise.all([
    createDemoUpstream(demo),
    createDemoUpstream(demo),
    startRawUpstream(),
    startSilent(),
    startUntrusted(),
    closedPort(),
  ]);
  return {
    received: () => ill.counts.received + raw.received,
    ill,
    well,
    raw,
    silent,
    baseUrls: {
      ill: ill.url,
      well: well.url,
      raw: raw.url,
      refused: `http://127.0.0.1:${freePort}`,
      "unknown-host": `http://${unknownHost}`,
      untrusted: untrusted.url,
      silent: silent.url,
    },
    async close() {
      await Promise.all([ill.close(), well.close(), raw.close(), silent.close(), untrusted.close()]);
    },
  };
}

// Too long for a name: it is found to be none without a question to the network, whose answer takes its time.
const unknownHost = `${"x".repeat(64)}.invalid`;

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

async function startSilent() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    // Nobody sees the end of what nobody reads.
    socket.resume();
  });
  return {
    url: `https://127.0.0.1:${await listen(server)}`,
    get openConnections() {
      return sockets.size;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Its certificate is of an authority that nobody trusts. */
async function startUntrusted() {
  const { pem } = makeCertificates();
  const server = createTlsServer({ key: pem("server.key"), cert: pem("server.pem") });
  return {
    url: `https://127.0.0.1:${await listen(server)}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
