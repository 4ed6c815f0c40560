// Holds a call before its handler has it: of its message nothing is read meanwhile.

import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";

export interface Hold<M extends Metadata> {
  /** The call goes on when this has resolved. */
  readonly until: (metadata: M) => Promise<void>;
  /** Hears why it does not. */
  readonly refuse: (error: unknown) => void;
}

export function holdCall<M extends Metadata>(
  call: Pick<ServerInterceptingCallInterface, "start">,
  { until, refuse }: Hold<M>,
): void {
  const start = call.start.bind(call);

  async function hold(metadata: M, goOn: () => void): Promise<void> {
    try {
      await until(metadata);
    } catch (error) {
      refuse(error);
      return;
    }
    goOn();
  }

  call.start = (listener) => {
    start({
      onReceiveMetadata(metadata: M) {
        void hold(metadata, () => listener.onReceiveMetadata(metadata));
      },
      onReceiveMessage: (message) => listener.onReceiveMessage(message),
      onReceiveHalfClose: () => listener.onReceiveHalfClose(),
      onCancel: () => listener.onCancel(),
    });
  };
}
