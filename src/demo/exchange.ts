/** One request and its response: owns the response's timers, waits for its socket, and knows who ended it. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";

export interface Exchange {
  /** Whether the connection is gone; nothing more can be sent. */
  readonly closed: boolean;
  /** Whether an answer has begun. */
  readonly started: boolean;
  head(status: number, headers: OutgoingHttpHeaders): void;
  /** Sends the headers without waiting for a body. */
  flushHead(): void;
  /** Writes; the promise, if there is one, ends when the client has taken enough to go on, or is gone. */
  send(bytes: string | Buffer): Promise<void> | undefined;
  end(bytes: string): void;
  /** Ends after `durationMs`, or as soon as the connection is gone. */
  pause(durationMs: number): Promise<void>;
  untilClosed(): Promise<void>;
  /** Ends the connection without ending the answer, once all that was written has left: FIN or RST. */
  breakOff(how: "fin" | "rst"): Promise<void>;
}

/** `onClose` is called once; `early` means that the client left before the answer was whole. */
export function createExchange(response: ServerResponse, onClose: (early: boolean) => void): Exchange {
  let closed = false;
  let broken = false;
  let wake: (() => void) | undefined;
  const wakeUp = (): void => {
    const waiting = wake;
    wake = undefined;
    waiting?.();
  };
  const sleep = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  const untilClosed = (): Promise<void> =>
    closed ? Promise.resolve() : new Promise((resolve) => response.once("close", resolve));
  response.on("drain", wakeUp);
  response.on("close", () => {
    closed = true;
    onClose(!broken && !response.writableFinished);
    wakeUp();
  });
  return {
    get closed() {
      return closed;
    },
    get started() {
      return response.headersSent;
    },
    head: (status, headers) => void response.writeHead(status, headers),
    flushHead: () => response.flushHeaders(),
    send: (bytes) => (closed || response.write(bytes) ? undefined : sleep()),
    end: (bytes) => void response.end(bytes),
    async pause(durationMs) {
      if (closed) return;
      const timer = setTimeout(wakeUp, durationMs);
      await sleep();
      clearTimeout(timer);
    },
    untilClosed,
    async breakOff(how) {
      broken = true;
      const { socket } = response;
      if (closed || socket === null) return;
      socket.write("", () => (how === "rst" ? socket.resetAndDestroy() : socket.destroy()));
      await untilClosed();
    },
  };
}

/** The request's body, or undefined when it is larger than `maxBytes`; rejects when the client leaves before its end. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else resolve(undefined);
    });
    request.on("end", () => resolve(size > maxBytes ? undefined : Buffer.concat(chunks)));
    request.on("error", reject);
  });
}
