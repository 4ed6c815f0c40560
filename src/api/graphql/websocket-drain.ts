// How a websocket ends when the gateway stops: with the last of what was asked by it.

import type { WebSocket } from "ws";
import type { Clock, Timer } from "../../core/clock.ts";

export interface WebsocketDrain {
  readonly isDraining: () => boolean;
  /** Counts a message as in work until `handling` is over, and with it the operation that it asks for. */
  readonly during: (handling: Promise<void>) => Promise<void>;
  /** From now on the socket closes when nothing is in work. */
  readonly drain: () => void;
}

/** How long a peer may take to answer that the socket closes. */
const closeGraceMs = 1_000;

export function createWebsocketDrain(socket: WebSocket, clock: Clock): WebsocketDrain {
  let draining = false;
  let inWork = 0;
  let late: Timer | undefined;

  function closeWhenDone(): void {
    if (!draining || inWork > 0 || late !== undefined || socket.readyState === socket.CLOSED) return;
    if (socket.readyState === socket.OPEN) socket.close(1001, "The gateway is stopping. Connect again.");
    const timer = clock.setTimer(closeGraceMs, () => socket.terminate());
    late = timer;
    socket.once("close", () => timer.cancel());
  }

  return {
    isDraining: () => draining,
    async during(handling) {
      inWork += 1;
      await handling;
      inWork -= 1;
      closeWhenDone();
    },
    drain() {
      draining = true;
      closeWhenDone();
    },
  };
}
