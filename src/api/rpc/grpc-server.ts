// Native gRPC on a port of its own, by grpc-js, with the official health and reflection services.

import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ChatService } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { EmbeddingService } from "../../../generated/proto/sluice/v1/embedding_pb.ts";
import { ModelService } from "../../../generated/proto/sluice/v1/model_pb.ts";
import type { Clock } from "../../core/clock.ts";
import type { ReportFault } from "../../core/errors.ts";
import type { Gateway } from "../../core/gateway.ts";
import type { TlsIdentity } from "../http-server.ts";
import { createKnownError } from "../known-error.ts";
import { type CallWatch, createCallWatch } from "./call-watch.ts";
import { watchGrpcConnections } from "./grpc-connections.ts";
import { chatHandlers, embeddingHandlers, modelHandlers } from "./grpc-handlers.ts";
import { createRpcService } from "./rpc-service.ts";
import { serviceDefinition } from "./service-definition.ts";
import { createStandardServices, type StandardServices } from "./standard-services.ts";

export interface GrpcServerOptions {
  readonly gateway: Gateway;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** The longest request message. */
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  /** Absent: plain text. */
  readonly tls?: TlsIdentity | undefined;
  readonly bounds?: Partial<GrpcBounds> | undefined;
  /** Hears of what nobody foresaw; absent: nobody does. */
  readonly reportFault?: ReportFault | undefined;
  /** How long open calls may go on when the server closes; absent: 2 s. */
  readonly closeGraceMs?: number | undefined;
}

export interface GrpcServer {
  readonly port: number;
  /** From now on its health is NOT_SERVING; watchers are told. */
  announceStop(): void;
  /** Stops accepting and tells clients to go; resolves when every call has ended. Watches of health are none. */
  drain(): Promise<void>;
  /** Drains for a moment, then closes what is left. */
  close(): Promise<void>;
}

export interface GrpcBounds {
  /** How long a client may take to send its message. */
  readonly messageMs: number;
  /** Between pings. A model may think for minutes: they keep the connection open through proxies. */
  readonly pingMs: number;
  /** How long a peer may take to answer a ping, or to speak HTTP/2 at all: then it is taken for dead. */
  readonly pongMs: number;
  /** How long a connection is kept on which no call is open. */
  readonly idleMs: number;
  /** Calls that are open at once on a connection. */
  readonly streams: number;
}

const defaultBounds: GrpcBounds = {
  messageMs: 120_000,
  pingMs: 30_000,
  pongMs: 20_000,
  idleMs: 900_000,
  streams: 1_024,
};

const defaultCloseGraceMs = 2_000;

/** @throws Error of the system when the port cannot be taken */
export async function createGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { clock, tls, closeGraceMs = defaultCloseGraceMs } = options;
  const { server, watch, standard } = createServices(options);
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const port = await bind(server, `${host}:${options.port}`, credentialsOf(tls));
  const connections = watchGrpcConnections(server, { secure: tls !== undefined });

  async function end(): Promise<void> {
    standard.announceStop();
    watch.endOpenStreams();
    // It never says that it is done where a client goes in this very moment.
    server.tryShutdown(() => undefined);
    await connections.ended();
    connections.destroyAll();
    await connections.closed();
  }
  let draining: Promise<void> | undefined;
  const drain = (): Promise<void> => (draining ??= end());

  return {
    port,
    announceStop: () => standard.announceStop(),
    drain,
    async close() {
      const timer = clock.setTimer(closeGraceMs, () => connections.destroyAll());
      await drain();
      timer.cancel();
    },
  };
}

interface Services {
  readonly server: Server;
  readonly watch: CallWatch;
  readonly standard: StandardServices;
}

function createServices(options: GrpcServerOptions): Services {
  const { gateway, clock, maxBodyBytes } = options;
  const bounds = { ...defaultBounds, ...options.bounds };
  const known = createKnownError(options.reportFault);
  const standard = createStandardServices();
  const watch = createCallWatch({
    access: gateway.access,
    known,
    clock,
    maxBodyBytes,
    messageMs: bounds.messageMs,
    secure: options.tls !== undefined,
    loadStandard: () => standard.load(),
  });
  const server = new Server({
    interceptors: [watch.interceptor],
    "grpc.max_receive_message_length": maxBodyBytes,
    // A whole answer may hold images.
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": bounds.streams,
    "grpc.keepalive_time_ms": bounds.pingMs,
    "grpc.keepalive_timeout_ms": bounds.pongMs,
    "grpc.max_connection_idle_ms": bounds.idleMs,
    // Its counters cost on every message and nothing reads them.
    "grpc.enable_channelz": 0,
  });
  const ports = { service: createRpcService(gateway), known };
  server.addService(serviceDefinition(ChatService, known), chatHandlers(ports));
  server.addService(serviceDefinition(EmbeddingService, known), embeddingHandlers(ports));
  server.addService(serviceDefinition(ModelService, known), modelHandlers(ports));
  standard.addToServer(server);
  return { server, watch, standard };
}

/** TLS 1.2 and later, as Node's servers are unless told otherwise. */
function credentialsOf(tls: TlsIdentity | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { cert, key, clientCa } = tls;
  return ServerCredentials.createSsl(
    clientCa ?? null,
    [{ cert_chain: cert, private_key: key }],
    clientCa !== undefined,
  );
}

const bind = (server: Server, address: string, credentials: ServerCredentials): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
