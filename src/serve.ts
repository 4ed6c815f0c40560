// Both ports over one gateway.

import { isGraphqlPath } from "./api/graphql/graphql-path.ts";
import { startHttpServer } from "./api/http-server.ts";
import { createLazyFrontEnd } from "./api/lazy-front-end.ts";
import { createOpenAiFrontEnd } from "./api/openai/openai-front-end.ts";
import { createOperationsFrontEnd } from "./api/operations-front-end.ts";
import { createPlainFrontEnd } from "./api/plain/plain-front-end.ts";
import { createProxiedAccess } from "./api/proxied-access.ts";
import { createGrpcServer } from "./api/rpc/grpc-server.ts";
import { isServicePath } from "./api/rpc/service-path.ts";
import type { Settings } from "./config/configuration.ts";
import { inNetworks } from "./config/networks.ts";
import type { ReportFault } from "./core/errors.ts";
import type { Gateway } from "./core/gateway.ts";
import { systemClock } from "./system-clock.ts";
import { createProcessMetrics } from "./telemetry/process-metrics.ts";
import { readTlsFiles } from "./tls-files.ts";
import { version } from "./version.ts";

export interface ServedPorts {
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Whether both ports speak TLS. */
  readonly secure: boolean;
  /** Lets those who send callers here know that they should send no more; callers are served as before. */
  announceStop(): void;
  /** Accepts no more callers; resolves when every answer has ended. */
  drain(): Promise<void>;
  /** Drains for a moment and closes what is left then; the gateway stays. */
  close(): Promise<void>;
}

type EdgeSettings = Pick<Settings, "corsOrigins" | "trustProxy" | "tlsCert" | "tlsKey" | "tlsClientCa">;

/** Of the edge, what is absent is as if it had not been set. */
export type ListenSettings = Pick<Settings, "host" | "httpPort" | "grpcPort" | "maxBodyBytes"> &
  Partial<EdgeSettings>;

export interface ServeOptions {
  /** Hears of what front ends did not foresee; absent: nobody does. */
  readonly reportFault?: ReportFault | undefined;
}

/** @throws ConfigurationError for TLS files that cannot be used; Error of the system for a port in use */
export async function serve(
  gateway: Gateway,
  settings: ListenSettings,
  { reportFault }: ServeOptions = {},
): Promise<ServedPorts> {
  const { host, maxBodyBytes, corsOrigins = [], tlsCert, tlsKey, tlsClientCa } = settings;
  const tls = readTlsFiles({ tlsCert, tlsKey, tlsClientCa });
  const trustsProxy = inNetworks(settings.trustProxy ?? []);
  const behindProxies = { ...gateway, access: createProxiedAccess(gateway.access, trustsProxy) };
  const common = { gateway: behindProxies, maxBodyBytes, clock: systemClock, reportFault };
  const http = await startHttpServer({
    host,
    port: settings.httpPort,
    clock: systemClock,
    tls,
    corsOrigins,
    trustsProxy,
    maxBodyBytes,
    reportFault,
    // The OpenAI face first: it is the one that is asked most.
    frontEnds: [
      createOpenAiFrontEnd(common),
      createPlainFrontEnd({ ...common, administration: true }),
      createLazyFrontEnd({
        serves: isServicePath,
        load: async () => (await import("./api/rpc/connect-front-end.ts")).createConnectFrontEnd(common),
        upgrades: false,
        clock: systemClock,
        reportFault,
      }),
      createLazyFrontEnd({
        serves: isGraphqlPath,
        load: async () =>
          (await import("./api/graphql/graphql-front-end.ts")).createGraphqlFrontEnd({
            ...common,
            trustsProxy,
          }),
        upgrades: true,
        clock: systemClock,
        reportFault,
      }),
      createOperationsFrontEnd({
        gateway,
        process: createProcessMetrics({ clock: systemClock, version }),
      }),
    ],
  });
  try {
    const grpc = await createGrpcServer({ ...common, host, port: settings.grpcPort, tls });
    return {
      httpPort: http.port,
      grpcPort: grpc.port,
      secure: tls !== undefined,
      announceStop() {
        http.announceStop();
        grpc.announceStop();
      },
      async drain() {
        await Promise.all([http.drain(), grpc.drain()]);
      },
      async close() {
        await Promise.all([http.close(), grpc.close()]);
      },
    };
  } catch (error) {
    await http.close();
    throw error;
  }
}
