// What each connection of the HTTP port is answering, and how it ends when the port does.

import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpBounds } from "./http-bounds.ts";

export interface Connections {
  /** False: it has more requests waiting than are allowed. */
  readonly admit: (socket: Socket, response: ServerResponse) => boolean;
  readonly answering: (socket: Duplex) => ServerResponse | undefined;
  /** Whether its client waits for an answer, or for more of one, and not the answer for its client. */
  readonly isWaitedFor: (socket: Duplex) => boolean;
  /** It speaks another protocol from now on. */
  readonly handOver: (socket: Duplex) => void;
  /** From now on an answer that begins says that its connection ends with it. */
  readonly endAfterNext: () => void;
  /** A connection ends with the answer that is under way, one without an answer at once. */
  readonly endEach: () => void;
  /** Resolves when each has been sent its answer and its end; what has asked nothing yet is not waited for. */
  readonly ended: () => Promise<void>;
}

interface Connection {
  response: ServerResponse;
  waiting: number;
}

export function createConnections({ pipelined }: Pick<HttpBounds, "pipelined">): Connections {
  // By connection, not by request: most serve many.
  const states = new Map<Duplex, Connection>();
  const waitingForEnd: (() => void)[] = [];
  let ending = false;

  function leave(socket: Duplex): void {
    states.delete(socket);
    if (states.size > 0) return;
    for (const resolve of waitingForEnd.splice(0)) resolve();
  }

  /** A client that takes all and closes nothing is no reason to wait. */
  const leaveWhenSent = (socket: Duplex) => socket.once("finish", () => leave(socket));

  return {
    admit(socket, response) {
      if (ending) response.shouldKeepAlive = false;
      const state = states.get(socket);
      if (state === undefined) {
        states.set(socket, { response, waiting: 0 });
        socket.once("close", () => leave(socket));
        if (ending) leaveWhenSent(socket);
        return true;
      }
      state.waiting = state.response.writableFinished ? 0 : state.waiting + 1;
      state.response = response;
      return state.waiting < pipelined;
    },
    answering: (socket) => states.get(socket)?.response,
    isWaitedFor: (socket) => states.get(socket)?.response.writableEnded === false,
    handOver: leave,
    endAfterNext() {
      ending = true;
    },
    endEach() {
      ending = true;
      for (const [socket, state] of states) {
        const { response } = state;
        if (response.writableFinished) {
          socket.destroy();
          continue;
        }
        leaveWhenSent(socket);
        response.shouldKeepAlive = false;
        // Its headers may have said already that the connection stays; one that waits behind it says the truth.
        response.once("finish", () => {
          if (state.response === response) socket.end();
        });
      }
    },
    ended: () =>
      states.size === 0 ? Promise.resolve() : new Promise((resolve) => waitingForEnd.push(resolve)),
  };
}
