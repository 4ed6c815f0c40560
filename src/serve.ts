// The ports over one gateway.

import type { HttpEndpoint, HttpFrontEnd } from "./api/http-front-end.ts";
import { type ListeningServer, startHttpServer } from "./api/http-server.ts";
import { createProxiedAccess } from "./api/proxied-access.ts";
import { createGrpcServer } from "./api/rpc/grpc-server.ts";
import type { Settings } from "./config/configuration.ts";
import { inNetworks } from "./config/networks.ts";
import { callsOnly } from "./core/access/calls-only.ts";
import type { ReportFault } from "./core/errors.ts";
import type { Gateway } from "./core/gateway.ts";
import { httpFrontEnds } from "./http-front-ends.ts";
import { systemClock } from "./system-clock.ts";
import { readTlsFiles } from "./tls-files.ts";

export interface ServedPorts {
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Absent: administration is served on the HTTP port. */
  readonly adminPort?: number | undefined;
  /** All that is served on the HTTP port, and on the one for administration. */
  readonly endpoints: {
    readonly http: readonly HttpEndpoint[];
    readonly admin: readonly HttpEndpoint[];
  };
  /** Whether both ports speak TLS. */
  readonly secure: boolean;
  /** Lets those who send callers here know that they should send no more; callers are served as before. */
  announceStop(): void;
  /** Accepts no more callers; resolves when every answer has ended. */
  drain(): Promise<void>;
  /** Drains for a moment and closes what is left then; the gateway stays. */
  close(): Promise<void>;
}

type EdgeSettings = Pick<
  Settings,
  | "adminPort"
  | "publicUrl"
  | "corsOrigins"
  | "allowedHosts"
  | "metricsToken"
  | "trustProxy"
  | "tlsCert"
  | "tlsKey"
  | "tlsClientCa"
>;

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
  const whole = { ...gateway, access: createProxiedAccess(gateway.access, trustsProxy) };
  const { adminPort, publicUrl } = settings;
  const served = adminPort === undefined ? whole : callsOnly(whole);
  const common = { maxBodyBytes, clock: systemClock, reportFault };
  const http = { host, tls, corsOrigins, trustsProxy, ...common };
  const metricsReaders = {
    token: settings.metricsToken,
    allowedHosts: settings.allowedHosts ?? [],
    allowedOrigins: corsOrigins,
  };
  const edge = { trustsProxy, publicUrl, metricsReaders, ...common };
  const servers: ListeningServer[] = [];
  const listening = async (server: Promise<ListeningServer>): Promise<ListeningServer> => {
    const started = await server;
    servers.push(started);
    return started;
  };
  try {
    const frontEnds = httpFrontEnds({ ...edge, gateway: served, administration: adminPort === undefined });
    const calls = await listening(startHttpServer({ ...http, port: settings.httpPort, frontEnds }));
    const adminFrontEnds =
      adminPort === undefined ? [] : httpFrontEnds({ ...edge, gateway: whole, administration: true });
    const administration =
      adminPort === undefined
        ? undefined
        : await listening(startHttpServer({ ...http, port: adminPort, frontEnds: adminFrontEnds }));
    const grpc = await createGrpcServer({ ...common, gateway: served, host, port: settings.grpcPort, tls });
    servers.push(grpc);
    return {
      httpPort: calls.port,
      grpcPort: grpc.port,
      adminPort: administration?.port,
      endpoints: { http: endpointsOf(frontEnds), admin: endpointsOf(adminFrontEnds) },
      secure: tls !== undefined,
      announceStop() {
        for (const server of servers) server.announceStop();
      },
      async drain() {
        await Promise.all(servers.map((server) => server.drain()));
      },
      async close() {
        await Promise.all(servers.map((server) => server.close()));
      },
    };
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    throw error;
  }
}

const endpointsOf = (frontEnds: readonly HttpFrontEnd[]): readonly HttpEndpoint[] =>
  frontEnds.flatMap(({ endpoints }) => endpoints);
