// What a call of grpc-js tells of its caller.

import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import type { Access } from "../../core/access/access.ts";
import { readCaller } from "../caller.ts";
import type { RpcCall } from "./rpc-service.ts";

type GrpcCall = Pick<
  ServerUnaryCall<Buffer, never> | ServerWritableStream<Buffer, never>,
  "metadata" | "getDeadline" | "getHost" | "getPeer"
>;

/** @throws GatewayError as `readCaller` */
export async function readCall(access: Access, call: GrpcCall, signal: AbortSignal): Promise<RpcCall> {
  const caller = await readCaller(access, {
    header: (name) => (name === ":authority" ? call.getHost() : text(call.metadata.get(name)[0])),
    remoteAddress: addressOf(call.getPeer()),
  });
  return { caller, timeoutMs: remainingMs(call.getDeadline()), signal };
}

/** Aborted when the client cancels, goes away, or its deadline passes; also when the call has ended. */
export function cancelledSignal(call: {
  once(event: "cancelled", listener: () => void): unknown;
}): AbortSignal {
  const controller = new AbortController();
  call.once("cancelled", () => controller.abort());
  return controller.signal;
}

const text = (value: string | Buffer | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

/** `address:port`, as grpc-js gives it, also for IPv6. */
const addressOf = (peer: string): string | undefined => {
  const port = peer.lastIndexOf(":");
  return port === -1 ? undefined : peer.slice(0, port);
};

const maxMarginMs = 20;

/**
 * A little less than what remains: at the deadline itself grpc-js ends the call, and the core would take it
 * for one that was cancelled.
 */
function remainingMs(deadline: Date | number): number | undefined {
  const remaining = Number(deadline) - Date.now();
  return remaining === Infinity ? undefined : remaining - Math.min(maxMarginMs, remaining / 10);
}
