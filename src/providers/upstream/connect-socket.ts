// Connections to a provider whose reads are bounded. By itself Node reads 64 KiB at a time, and ahead: a caller that
// reads slowly held twice that of its provider's stream.

import type { Socket } from "node:net";
import { buildConnector } from "undici";
import { type AddressCheck, checkedLookup, mayConnectTo, refusedAddress } from "./checked-address.ts";

/** What one read takes, and what a socket holds at most before somebody asks for it. */
const readBytes = 16_384;

/**
 * Every plain socket reads into it, one after the other: what a read brought is copied out before the next one. TLS
 * brings no more than 16 KiB at a time as it is.
 */
const readBuffer = Buffer.alloc(readBytes);

export interface ConnectOptions {
  readonly connectMs: number;
  /** Absent: any address. */
  readonly allowsAddress?: AddressCheck | undefined;
}

export function socketConnector({ connectMs, allowsAddress }: ConnectOptions): buildConnector.connector {
  const lookup = allowsAddress === undefined ? {} : { lookup: checkedLookup(allowsAddress) };
  // The pool's own `allowH2` does not get here, and a server that is offered HTTP/2 takes it.
  const common = { timeout: connectMs, highWaterMark: readBytes, allowH2: false, ...lookup };
  // One for all connections: it remembers TLS sessions.
  const connectTls = buildConnector(common);
  return (options, callback) => {
    if (allowsAddress !== undefined && !mayConnectTo(options.hostname, allowsAddress)) {
      callback(refusedAddress(), null);
      return;
    }
    if (options.protocol === "https:") {
      connectTls(options, callback);
      return;
    }
    let socket: Socket | undefined;
    const onread = {
      buffer: readBuffer,
      callback: (length: number) => socket?.push(copyOfRead(length)) ?? false,
    };
    // Of a socket's options undici's types name only some.
    const ours = { ...common, onread };
    const connect = buildConnector(ours);
    connect(options, (...connected) => {
      if (connected[0] === null) socket = connected[1];
      callback(...connected);
    });
  };
}

/** In memory of its own: a piece of Node's pool keeps 64 KiB for as long as somebody holds it. */
function copyOfRead(length: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(length);
  readBuffer.copy(copy, 0, 0, length);
  return copy;
}
