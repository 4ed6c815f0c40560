// Both ports as the process serves them, over scripted providers, with real access rules; and raw bytes for them.

import { createHash } from "node:crypto";
import { connect } from "node:net";
import { BlockList } from "node:net";
import { type AccessOptions, createAccess } from "../../src/core/access/create-access.ts";
import type { RunParts } from "../../src/core/assemble-gateway.ts";
import type { Gateway } from "../../src/core/gateway.ts";
import { type ListenSettings, serve, type ServedPorts } from "../../src/serve.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createScriptedEmbedder } from "../support/scripted-embedder.ts";
import { textScript } from "../support/scripted-provider.ts";
import { createTestGateway, type ReadableLedger } from "../support/test-gateway.ts";

export const key = "sk-sluice-0123456789";

export interface Edge extends ServedPorts {
  /** `http://127.0.0.1:…`, or `https://localhost:…` with TLS. */
  readonly url: string;
  readonly ledger: ReadableLedger;
  /** What front ends reported to the log. */
  readonly faults: unknown[];
}

export interface EdgeOptions extends Partial<ListenSettings> {
  readonly access?: Partial<AccessOptions>;
  readonly runs?: RunParts;
  /** For a gateway of another behaviour than the core's. */
  readonly change?: (gateway: Gateway) => Gateway;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");

export async function serveEdge({ access, runs, change, ...settings }: EdgeOptions = {}): Promise<Edge> {
  const faults: unknown[] = [];
  const { gateway, ledger } = createTestGateway({
    providers: { first: createScriptedEmbedder(undefined, textScript("Hello you")) },
    clock: systemClock,
    runs,
    access: createAccess({
      apiKeys: [],
      servesKeyless: (address) => loopback.check(address, address.includes(":") ? "ipv6" : "ipv4"),
      allowedHosts: [],
      allowedOrigins: settings.corsOrigins,
      digest: (text) => createHash("sha256").update(text).digest("hex"),
      ...access,
    }),
  });
  const ports = await serve(
    change?.(gateway) ?? gateway,
    { host: "127.0.0.1", httpPort: 0, grpcPort: 0, maxBodyBytes: 1_000_000, ...settings },
    { reportFault: (error) => void faults.push(error) },
  );
  const url = ports.secure ? `https://localhost:${ports.httpPort}` : `http://127.0.0.1:${ports.httpPort}`;
  return {
    ...ports,
    url,
    ledger,
    faults,
    async close() {
      await gateway.close();
      await ports.close();
    },
  };
}

/** Writes the texts one by one and gives all that comes back until the server closes the connection. */
export function sendRaw(port: number, ...texts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => {
      for (const text of texts) socket.write(text, "latin1");
    });
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      answer += text;
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
    socket.on("close", () => resolve(answer));
  });
}

export const chatBody = JSON.stringify({
  model: "default",
  messages: [{ role: "user", content: "Hello" }],
});

/** The JSON of an answer as `sendRaw` gives it. */
export const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
