// Asks by gRPC, Connect and gRPC-Web: every method of every service that the contract has.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  createRegistry,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  fromJson,
  type JsonValue,
  toJson,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import { Agent } from "node:http";
import { ErrorInfoSchema } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import { isCode } from "./ask-graphql.ts";
import type { Answer } from "./outcome.ts";

const generated = join(import.meta.dirname, "..", "..", "..", "generated", "proto", "sluice");

/** Read from what is generated: a service that nobody serves is found too. */
export async function contractServices(): Promise<readonly DescService[]> {
  const files = (await readdir(generated, { recursive: true })).filter((name) => name.endsWith("_pb.ts"));
  const modules: readonly object[] = await Promise.all(files.map((name) => import(join(generated, name))));
  return modules.flatMap((module) => Object.values(module)).filter(isService);
}

const isService = (value: unknown): value is DescService =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "service";

export const methodName = ({ parent, name }: DescMethod): string => `${parent.typeName}/${name}`;

export interface RpcTransports {
  readonly byName: Readonly<Record<"gRPC" | "Connect" | "gRPC-Web", Transport>>;
  close(): void;
}

export function createTransports({ baseUrl, grpcUrl }: { baseUrl: string; grpcUrl: string }): RpcTransports {
  const agent = new Agent({ keepAlive: true });
  const sessionManager = new Http2SessionManager(grpcUrl);
  const common = { baseUrl, httpVersion: "1.1", nodeOptions: { agent } } as const;
  return {
    byName: {
      gRPC: createGrpcTransport({ baseUrl: grpcUrl, sessionManager }),
      Connect: createConnectTransport({ ...common, useBinaryFormat: false }),
      "gRPC-Web": createGrpcWebTransport(common),
    },
    close() {
      agent.destroy();
      sessionManager.abort();
    },
  };
}

const isUnary = (method: DescMethod): method is DescMethodUnary => method.methodKind === "unary";

const isServerStreaming = (method: DescMethod): method is DescMethodServerStreaming =>
  method.methodKind === "server_streaming";

const registry = createRegistry(ErrorInfoSchema);

export async function askRpc(
  transport: Transport,
  method: DescMethod,
  asked: {
    readonly message: JsonValue;
    readonly credential: string | undefined;
    readonly headers?: Readonly<Record<string, string>>;
  },
): Promise<Answer> {
  const message = fromJson(method.input, asked.message);
  const headers = new Headers(asked.headers);
  if (asked.credential !== undefined) headers.set("authorization", `Bearer ${asked.credential}`);
  try {
    if (isUnary(method)) {
      const { message: reply } = await transport.unary(method, undefined, undefined, headers, message);
      return { outcome: "ok", text: JSON.stringify(toJson(method.output, reply, { registry })) };
    }
    if (!isServerStreaming(method)) throw new Error(`Nobody asks by ${method.methodKind} yet.`);
    const { message: replies } = await transport.stream(
      method,
      undefined,
      undefined,
      headers,
      createAsyncIterable([message]),
    );
    const texts: string[] = [];
    for await (const reply of replies) texts.push(JSON.stringify(toJson(method.output, reply, { registry })));
    return { outcome: texts.length === 0 ? "nothing" : "ok", text: texts.join("\n") };
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    const reason = error.findDetails(ErrorInfoSchema)[0]?.reason ?? Code[error.code];
    const text = `${error.message} ${JSON.stringify([...error.metadata])} ${JSON.stringify(error.findDetails(ErrorInfoSchema)[0]?.metadata)}`;
    return { outcome: isCode(reason) ? reason : "internal", text };
  }
}
