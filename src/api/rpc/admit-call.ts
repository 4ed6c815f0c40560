// Whom a call comes from is asked before its message is read: grpc-js would take megabytes from anybody.

import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import type { Caller } from "../caller.ts";
import { holdCall } from "./hold-call.ts";

const callerKey = Symbol("caller");

/** A call's metadata with what was read from it. */
export type AdmittedMetadata = Metadata & { [callerKey]?: Caller };

export interface Admission {
  /** @throws what refuses the call */
  readonly readCaller: (metadata: Metadata) => Promise<Caller>;
  readonly refuse: (error: unknown) => void;
}

export function admitCall(
  call: Pick<ServerInterceptingCallInterface, "start">,
  { readCaller, refuse }: Admission,
): void {
  holdCall(call, {
    async until(metadata: AdmittedMetadata) {
      metadata[callerKey] = await readCaller(metadata);
    },
    refuse,
  });
}

export function admittedCaller(metadata: AdmittedMetadata): Caller {
  const caller = metadata[callerKey];
  if (caller === undefined) throw new Error("A call has come past its admission.");
  return caller;
}
