// How many messages of a stream may be on their way to the socket at once.

import type { ServerInterceptingCallInterface } from "@grpc/grpc-js";

/** More would only hold more of a stalled reader's stream in memory. */
const windowMessages = 32;

/**
 * grpc-js takes a stream's next message when the one before it has been flushed, so that each costs a write to
 * the socket of its own. With a window, those that come together leave together; a reader that stalls still
 * holds the stream back, at its end.
 */
export function widenMessageWindow(call: Pick<ServerInterceptingCallInterface, "sendMessage">): void {
  const sendMessage = call.sendMessage.bind(call);
  let unsent = 0;
  let held: (() => void) | undefined;
  const onSent = () => {
    unsent -= 1;
    const goOn = held;
    held = undefined;
    goOn?.();
  };
  call.sendMessage = (message, callback) => {
    unsent += 1;
    sendMessage(message, onSent);
    if (unsent < windowMessages) callback();
    else held = callback;
  };
}
