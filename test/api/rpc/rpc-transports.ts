// The three wire formats of the contract's services, by one kind of client.

import type { Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";

export interface RpcTransports {
  readonly byName: readonly (readonly [name: string, transport: Transport])[];
  close(): void;
}

export function rpcTransports(baseUrl: string, grpcPort: number): RpcTransports {
  const grpcUrl = `http://127.0.0.1:${grpcPort}`;
  const sessionManager = new Http2SessionManager(grpcUrl);
  const common = { baseUrl, httpVersion: "1.1" } as const;
  return {
    byName: [
      ["gRPC", createGrpcTransport({ baseUrl: grpcUrl, sessionManager })],
      ["Connect", createConnectTransport(common)],
      ["Connect JSON", createConnectTransport({ ...common, useBinaryFormat: false })],
      ["gRPC-Web", createGrpcWebTransport(common)],
    ],
    close: () => sessionManager.abort(),
  };
}
