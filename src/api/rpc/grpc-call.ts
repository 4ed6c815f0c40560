// What a call of grpc-js tells of its caller.

import type { Metadata, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import type { Connection } from "../caller.ts";
import { admittedCaller } from "./admit-call.ts";
import type { RpcCall } from "./rpc-service.ts";

type GrpcCall = Pick<
  ServerUnaryCall<Buffer, never> | ServerWritableStream<Buffer, never>,
  "metadata" | "getDeadline"
>;

/** Of a call that was admitted. */
export const readCall = (call: GrpcCall, signal: AbortSignal): RpcCall => ({
  caller: admittedCaller(call.metadata),
  timeoutMs: remainingMs(call.getDeadline()),
  signal,
});

export interface GrpcPeer {
  getPeer(): string;
  getHost(): string;
}

/** Lists, whose entries may come one by one. */
const lists: ReadonlySet<string> = new Set(["x-forwarded-for", "cache-control"]);

/** A call as `readCaller` takes it; of repeated metadata the first counts, but the entries of lists add up. */
export const grpcConnection = (
  call: GrpcPeer,
  metadata: Metadata,
  { secure }: { readonly secure: boolean },
): Connection => ({
  header(name) {
    if (name === ":authority") return call.getHost();
    const values = metadata.get(name);
    return text(values.length > 1 && lists.has(name) ? values.join(",") : values[0]);
  },
  headerValues: (name) => metadata.get(name).flatMap((value) => text(value) ?? []),
  remoteAddress: addressOf(call.getPeer()),
  secure: secure ? true : undefined,
});

/** Aborted when the client cancels, goes away, or its deadline passes; also when the call has ended. */
export function cancelledSignal(call: {
  readonly cancelled: boolean;
  once(event: "cancelled", listener: () => void): unknown;
}): AbortSignal {
  const controller = new AbortController();
  if (call.cancelled) controller.abort();
  else call.once("cancelled", () => controller.abort());
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
