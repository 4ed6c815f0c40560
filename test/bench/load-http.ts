// Loads an HTTP server: connections with one call after the other, over plain sockets.

import { connect } from "node:net";
import { HttpMessages } from "./http-messages.ts";
import type { HttpLoad, LoadReport } from "./messages.ts";

export async function loadHttp(load: HttpLoad): Promise<LoadReport> {
  const request = requestBytes(load);
  const began = performance.now();
  const endAtMs = began + load.durationMs;
  let callsLeft = load.calls ?? Infinity;
  const mayCall = () => performance.now() < endAtMs && callsLeft-- > 0;
  const counts = await Promise.all(
    Array.from({ length: load.callers }, (_, caller) =>
      callWhile({ mayCall, request, load, caller, next: pacing(load, began, caller) }),
    ),
  );
  return {
    tell: "loaded",
    calls: counts.reduce((sum, count) => sum + count, 0),
    wallMs: performance.now() - began,
  };
}

function requestBytes({ port, path, headers, body }: HttpLoad): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    "content-type: application/json",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** Waits until the caller's next call is due; it never makes up for more than one call that came late. */
function pacing({ callsPerSecond, callers }: HttpLoad, beganMs: number, caller: number) {
  if (callsPerSecond === undefined) return (call: () => void) => call();
  const intervalMs = (callers * 1000) / callsPerSecond;
  let dueMs = beganMs + (intervalMs * caller) / callers;
  return (call: () => void) => {
    const now = performance.now();
    dueMs = Math.max(dueMs + intervalMs, now - intervalMs);
    if (dueMs > now) setTimeout(call, dueMs - now);
    else call();
  };
}

interface Calling {
  /** Takes one of the load's calls where it gives true. */
  readonly mayCall: () => boolean;
  readonly request: Buffer;
  readonly load: HttpLoad;
  /** Which of the callers, from 0. */
  readonly caller: number;
  readonly next: (call: () => void) => void;
}

/** Resolves with the number of calls that were answered. */
function callWhile({ mayCall, request, load, caller, next }: Calling): Promise<number> {
  return new Promise((resolve, reject) => {
    let calls = 0;
    const socket = connect({ port: load.port, host: "127.0.0.1", noDelay: true });
    const callAgain = () => {
      if (mayCall()) socket.write(request);
      else socket.end();
    };
    const messages = new HttpMessages((answer) => {
      if (!answer.toString("latin1", 0, 12).endsWith(" 200") || !answer.includes(load.expect)) {
        socket.destroy(new Error(`An answer is not the expected one: ${answer.toString().slice(0, 2_000)}`));
        return;
      }
      calls += 1;
      next(callAgain);
    });
    socket.on("data", (piece: Buffer) => messages.feed(piece));
    socket.on("error", reject);
    socket.on("close", () => resolve(calls));
    if (load.beginApartMs === undefined) next(callAgain);
    else setTimeout(() => next(callAgain), caller * load.beginApartMs);
  });
}
