// The streams that are open in this process, as its callers hold them.

import type { ClientHttp2Session } from "node:http2";
import { setTimeout as wait } from "node:timers/promises";
import { openGrpcSession } from "../grpc-wire.ts";
import type { CallerStream } from "./caller-stream.ts";
import { openGrpcStream } from "./grpc-stream.ts";
import { machineMs } from "./machine-ms.ts";
import type { EndedReport, LeftReport, Streams } from "./messages.ts";
import { openSseStream } from "./sse-stream.ts";

/** So many begin at a time: how many connections are accepted at once is not measured. In gRPC they share one. */
const openedAtOnce = 25;
/** Each stream's own window holds it back, and none the others of its connection. */
const sessionBytes = 16 * 1024 * 1024;

const streams = new Map<number, CallerStream>();
const sessions: ClientHttp2Session[] = [];

/** Resolves when each of them has begun. */
export async function openStreams({ protocol, port, from, count, reads }: Streams): Promise<void> {
  for (let first = from; first < from + count; first += openedAtOnce) {
    const numbers = Array.from({ length: Math.min(openedAtOnce, from + count - first) }, (_, i) => first + i);
    const session = protocol === "grpc" ? await openGrpcSession(port, { sessionBytes }) : undefined;
    if (session !== undefined) sessions.push(session);
    const opened = numbers.map((stream) => {
      const asked = { stream, reads };
      const open = session === undefined ? openSseStream(port, asked) : openGrpcStream(session, asked);
      streams.set(stream, open);
      return open.begun;
    });
    await Promise.all(opened);
  }
}

export async function leaveStreams(apartMs: number): Promise<LeftReport> {
  const left: LeftReport["left"] = [];
  for (const [stream, open] of streams) {
    left.push({ stream, atMs: machineMs() });
    open.leave();
    await wait(apartMs);
  }
  forget();
  return { tell: "left", left };
}

export async function endsOfStreams(): Promise<EndedReport> {
  const ends = await Promise.all([...streams.values()].map(({ ended }) => ended));
  forget();
  const cut = ends.filter((end) => end !== undefined);
  return { tell: "ended", whole: ends.length - cut.length, cut };
}

function forget(): void {
  streams.clear();
  for (const session of sessions.splice(0)) session.close();
}
