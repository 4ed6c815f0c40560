import type { ServerInterceptingCallInterface } from "@grpc/grpc-js";
import type { Clock } from "../../core/clock.ts";

/** grpc-js waits for a request's end for as long as the connection lives. */
export function limitMessageTime(
  call: Pick<ServerInterceptingCallInterface, "start">,
  options: {
    readonly clock: Clock;
    readonly messageMs: number;
    /** The request has not ended in time. */
    readonly late: () => void;
    /** The request, or the call, has ended. */
    readonly ended?: () => void;
  },
): void {
  const { clock, messageMs, late, ended } = options;
  const start = call.start.bind(call);
  call.start = (listener) => {
    const timer = clock.setTimer(messageMs, late);
    const end = () => {
      timer.cancel();
      ended?.();
    };
    start({
      onReceiveMetadata: (metadata) => listener.onReceiveMetadata(metadata),
      onReceiveMessage: (message) => listener.onReceiveMessage(message),
      onReceiveHalfClose() {
        end();
        listener.onReceiveHalfClose();
      },
      onCancel() {
        end();
        listener.onCancel();
      },
    });
  };
}
