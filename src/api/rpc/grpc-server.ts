// Native gRPC on a port of its own, by grpc-js, with the official health and reflection services.

import { Server, ServerCredentials } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { ChatService } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { EmbeddingService } from "../../../generated/proto/sluice/v1/embedding_pb.ts";
import { ModelService } from "../../../generated/proto/sluice/v1/model_pb.ts";
import type { Gateway } from "../../core/gateway.ts";
import { createCallWatch } from "./call-watch.ts";
import { chatHandlers, embeddingHandlers, modelHandlers } from "./grpc-handlers.ts";
import { createReflection } from "./reflection.ts";
import { createRpcService } from "./rpc-service.ts";
import { serviceDefinition } from "./service-definition.ts";

export interface GrpcServerOptions {
  readonly gateway: Gateway;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** The longest request message. */
  readonly maxBodyBytes: number;
  /** How long open calls may go on when the server closes; absent: 2 s. */
  readonly closeGraceMs?: number | undefined;
}

export interface GrpcServer {
  readonly port: number;
  /** Tells health watchers, stops accepting, lets calls end for a moment, then closes what is left. */
  close(): Promise<void>;
}

const services = [ChatService, EmbeddingService, ModelService] as const;
const defaultCloseGraceMs = 2_000;

/** @throws Error of the system when the port cannot be taken */
export async function createGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { gateway, maxBodyBytes, closeGraceMs = defaultCloseGraceMs } = options;
  const watch = createCallWatch({ maxBodyBytes });
  const server = new Server({
    interceptors: [watch.interceptor],
    "grpc.max_receive_message_length": maxBodyBytes,
    // A whole answer may hold images.
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": 1_024,
    // A model may think for minutes: pings keep the connection open through proxies, and find dead peers.
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 20_000,
    // Its counters cost on every message and nothing reads them.
    "grpc.enable_channelz": 0,
  });
  const ports = { service: createRpcService(gateway), access: gateway.access };
  server.addService(serviceDefinition(ChatService), chatHandlers(ports));
  server.addService(serviceDefinition(EmbeddingService), embeddingHandlers(ports));
  server.addService(serviceDefinition(ModelService), modelHandlers(ports));
  createReflection(services).addToServer(server);
  const healthNames = ["", ...services.map(({ typeName }) => typeName)];
  const health = new HealthImplementation(Object.fromEntries(healthNames.map((name) => [name, "SERVING"])));
  health.addToServer(server);

  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const port = await bind(server, `${host}:${options.port}`);
  return {
    port,
    async close() {
      for (const name of healthNames) health.setStatus(name, "NOT_SERVING");
      watch.endWatches();
      // forceShutdown would find no connection: grpc-js keeps them for it only while channelz is on. This
      // closes each when its calls have ended, and by force after the time of grace.
      server.drain(`${host}:${port}`, closeGraceMs);
      await shutDown(server);
    },
  };
}

const bind = (server: Server, address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });

const shutDown = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.tryShutdown((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
