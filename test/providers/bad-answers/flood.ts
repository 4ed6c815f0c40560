// Writes to a socket without end, as fast as the other side reads.

import type { Socket } from "node:net";

export interface Flood {
  /** Bytes that left this side for the system. */
  readonly sentBytes: () => number;
  /** Resolves when the other side has taken this many bytes. */
  readonly reached: (bytes: number) => Promise<void>;
  /** Resolves when all was sent, or the other side closed. */
  readonly over: Promise<void>;
}

/** The start once, then the piece until `maxBytes`, then the socket's end. */
export function flood(
  socket: Socket,
  { start, piece, maxBytes }: { start: Uint8Array; piece: Uint8Array; maxBytes: number },
): Flood {
  let sent = 0;
  const waiting: { readonly bytes: number; readonly resolve: () => void }[] = [];

  function hasSent(bytes: number): void {
    sent += bytes;
    for (const each of waiting) if (sent >= each.bytes) each.resolve();
  }

  const write = (piece: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      socket.write(piece, (error) => {
        if (error === null || error === undefined) hasSent(piece.length);
        resolve();
      });
    });

  async function run(): Promise<void> {
    // The other side may close by a reset, which is an error before it is a close.
    const closed = new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
    });
    const isOver = (): boolean => sent >= maxBytes || socket.destroyed;
    for (let next = start; !isOver(); next = piece) await Promise.race([write(next), closed]);
    socket.end();
    await closed;
  }

  return {
    sentBytes: () => sent,
    reached: (bytes) =>
      new Promise((resolve) => {
        if (sent >= bytes) resolve();
        else waiting.push({ bytes, resolve });
      }),
    over: run(),
  };
}
