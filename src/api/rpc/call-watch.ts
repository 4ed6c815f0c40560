// What happens to a call outside of our handlers: grpc-js refuses some itself, and health watches stay open.

import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  type StatusObject,
  status,
} from "@grpc/grpc-js";
import type { Access } from "../../core/access/access.ts";
import type { Clock } from "../../core/clock.ts";
import { GatewayError } from "../../core/errors.ts";
import { gatewayStopping } from "../../core/gateway-stopping.ts";
import { readCaller } from "../caller.ts";
import type { KnownError } from "../known-error.ts";
import { tooLarge } from "../read-body.ts";
import { admitCall } from "./admit-call.ts";
import { createCompressedMessages } from "./compressed-messages.ts";
import { statusDetailsKey, toGrpcStatus } from "./error-status.ts";
import { grpcConnection } from "./grpc-call.ts";
import { holdCall } from "./hold-call.ts";
import { limitMessageTime } from "./message-time.ts";
import { widenMessageWindow } from "./message-window.ts";
import { boundOpenCall } from "./open-call.ts";

export interface CallWatch {
  readonly interceptor: ServerInterceptor;
  /** Ends the open streams of the health and reflection services, which have no end of their own. */
  endOpenStreams(): void;
}

type SentStatus = Pick<StatusObject, "code" | "details"> & { readonly metadata?: Metadata | null };

export interface CallWatchOptions {
  readonly access: Access;
  readonly known: KnownError;
  readonly clock: Clock;
  readonly maxBodyBytes: number;
  /** How long a client may take to send its message. */
  readonly messageMs: number;
  readonly secure: boolean;
  /** What the health and reflection services need before they are called. */
  readonly loadStandard: () => Promise<void>;
}

export function createCallWatch(options: CallWatchOptions): CallWatch {
  const { access, known, clock, messageMs, maxBodyBytes } = options;
  const compressed = createCompressedMessages({ maxBytes: maxBodyBytes, known });
  const openStreams = new Set<Pick<ServerInterceptingCall, "sendStatus">>();

  function explainEnds(call: Pick<ServerInterceptingCallInterface, "sendStatus">): void {
    // grpc-js answers messages that are too long, and deadlines, by this method and past all interceptors;
    // taking its place is the only way to give these answers details.
    const sendStatus = call.sendStatus.bind(call);
    call.sendStatus = (sent) => sendStatus(explained(sent, maxBodyBytes));
  }

  return {
    interceptor({ path, responseStream }, call) {
      const late = () => call.sendStatus(toGrpcStatus(requestTooSlow()));
      if (!path.startsWith("/sluice.")) {
        boundOpenCall(call);
        limitMessageTime(call, { clock, messageMs, late });
        holdCall(call, {
          until: options.loadStandard,
          refuse: (error) => call.sendStatus(toGrpcStatus(known(error))),
        });
        if (!responseStream) return new ServerInterceptingCall(call);
        openStreams.add(call);
        return new ServerInterceptingCall(call, {
          start: (next) => next({ onCancel: () => openStreams.delete(call) }),
        });
      }
      explainEnds(call);
      if (responseStream) widenMessageWindow(call);
      limitMessageTime(call, { clock, messageMs, late, ended: compressed.unpack(call) });
      admitCall(call, {
        readCaller: (metadata) => readCaller(access, grpcConnection(call, metadata, options)),
        refuse: (error) => call.sendStatus(toGrpcStatus(known(error))),
      });
      return new ServerInterceptingCall(call);
    },
    endOpenStreams() {
      for (const call of openStreams) call.sendStatus(toGrpcStatus(gatewayStopping()));
      openStreams.clear();
    },
  };
}

function explained(sent: SentStatus, maxBodyBytes: number): SentStatus {
  if (sent.code === status.OK || (sent.metadata?.get(statusDetailsKey).length ?? 0) > 0) return sent;
  if (sent.code === status.RESOURCE_EXHAUSTED) return toGrpcStatus(tooLarge(maxBodyBytes));
  if (sent.code === status.DEADLINE_EXCEEDED) return toGrpcStatus(pastDeadline());
  return sent;
}

const requestTooSlow = () =>
  new GatewayError({
    code: "deadline_exceeded",
    message: "The request did not come whole in time. Send it faster, or in smaller parts.",
  });

const pastDeadline = () =>
  new GatewayError({
    code: "deadline_exceeded",
    message: "The call was not done before its deadline. Allow it more time or ask for less.",
  });
