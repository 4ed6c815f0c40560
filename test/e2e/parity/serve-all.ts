// A gateway on both ports, with a client for each of its front ends.

import type { Gateway } from "../../../src/core/gateway.ts";
import { type ServedPorts, serve } from "../../../src/serve.ts";
import type { FrontEndClient } from "./client.ts";
import { createConnectClients } from "./clients/connect.ts";
import { createGraphqlHttpClient } from "./clients/graphql-http.ts";
import { createGraphqlWebsocketClient } from "./clients/graphql-websocket.ts";
import { createGrpcClient } from "./clients/grpc.ts";
import { createLibraryClient } from "./clients/library.ts";
import { createOpenAiClient } from "./clients/openai.ts";
import { createOfficialOpenAiClient } from "./clients/openai-official.ts";

export interface ServedGateway {
  readonly gateway: Gateway;
  readonly ports: ServedPorts;
  readonly baseUrl: string;
  /** The library, then all others. */
  readonly clients: readonly [FrontEndClient, ...FrontEndClient[]];
  /** Closes the gateway and leaves its ports open. */
  closeGateway(): Promise<void>;
  close(): Promise<void>;
}

export const maxBodyBytes = 64 * 1024;

export async function serveAll(gateway: Gateway): Promise<ServedGateway> {
  const ports = await serve(gateway, { host: "127.0.0.1", httpPort: 0, grpcPort: 0, maxBodyBytes });
  const baseUrl = `http://127.0.0.1:${ports.httpPort}`;
  const clients = [
    createLibraryClient(gateway),
    createGrpcClient(ports.grpcPort),
    ...createConnectClients(baseUrl),
    createGraphqlHttpClient(baseUrl),
    createGraphqlWebsocketClient(baseUrl),
    createOpenAiClient(baseUrl),
    createOfficialOpenAiClient(baseUrl),
  ] as const;
  let closed: Promise<void> | undefined;
  const closeGateway = () => (closed ??= gateway.close());
  return {
    gateway,
    ports,
    baseUrl,
    clients,
    closeGateway,
    async close() {
      for (const client of clients) client.close();
      await ports.close();
      await closeGateway();
    },
  };
}
