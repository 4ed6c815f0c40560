// Both ports over one gateway.

import { createGraphqlFrontEnd } from "./api/graphql/graphql-front-end.ts";
import { startHttpServer } from "./api/http-server.ts";
import { createOpenAiFrontEnd } from "./api/openai/openai-front-end.ts";
import { createOperationsFrontEnd } from "./api/operations-front-end.ts";
import { createConnectFrontEnd } from "./api/rpc/connect-front-end.ts";
import { createGrpcServer } from "./api/rpc/grpc-server.ts";
import type { Settings } from "./config/configuration.ts";
import type { Gateway } from "./core/gateway.ts";
import { systemClock } from "./system-clock.ts";

export interface ServedPorts {
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Closes the ports; the gateway stays. */
  close(): Promise<void>;
}

export type ListenSettings = Pick<Settings, "host" | "httpPort" | "grpcPort" | "maxBodyBytes">;

export async function serve(gateway: Gateway, settings: ListenSettings): Promise<ServedPorts> {
  const { host, maxBodyBytes } = settings;
  const common = { gateway, maxBodyBytes, clock: systemClock };
  const http = await startHttpServer({
    host,
    port: settings.httpPort,
    clock: systemClock,
    // The OpenAI face first: it is the one that is asked most.
    frontEnds: [
      createOpenAiFrontEnd(common),
      createConnectFrontEnd(common),
      createGraphqlFrontEnd(common),
      createOperationsFrontEnd(gateway),
    ],
  });
  try {
    const grpc = await createGrpcServer({ ...common, host, port: settings.grpcPort });
    return {
      httpPort: http.port,
      grpcPort: grpc.port,
      async close() {
        await Promise.all([http.close(), grpc.close()]);
      },
    };
  } catch (error) {
    await http.close();
    throw error;
  }
}
