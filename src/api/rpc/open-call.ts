// Calls of the health and reflection services, which anybody may make: what they take is bounded, not who asks.

import type { ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { refuseCompressed } from "./compressed-messages.ts";

/** Names of services, methods and files. */
const maxMessageBytes = 4_096;

export function boundOpenCall(
  call: Pick<ServerInterceptingCallInterface, "startRead" | "sendMessage">,
): void {
  refuseCompressed(call);
  limitMessages(call);
  readAsAnswered(call);
}

// The server's own limit is that of chats, with their images; grpc-js has none for a service.
function limitMessages(call: object): void {
  const decoder: unknown = Reflect.get(call, "decoder");
  if (typeof decoder === "object" && decoder !== null) {
    Reflect.set(decoder, "maxReadMessageLength", maxMessageBytes);
  }
}

/**
 * The reflection service reads on whether its answers are read or not, and these are a hundred times as long as
 * its questions.
 */
function readAsAnswered(call: Pick<ServerInterceptingCallInterface, "startRead" | "sendMessage">): void {
  const startRead = call.startRead.bind(call);
  const sendMessage = call.sendMessage.bind(call);
  let unsent = 0;
  let waiting = false;
  call.sendMessage = (message, callback) => {
    unsent += 1;
    sendMessage(message, () => {
      unsent -= 1;
      callback();
      if (unsent > 0 || !waiting) return;
      waiting = false;
      startRead();
    });
  };
  call.startRead = () => {
    if (unsent === 0) startRead();
    else waiting = true;
  };
}
