// `fetch` whose connections are checked, for what is asked beside providers.

import { Agent, fetch } from "undici";
import type { PlainFetch } from "../../core/plain-fetch.ts";
import type { AddressCheck } from "./checked-address.ts";
import { socketConnector } from "./connect-socket.ts";

export interface CheckedFetch {
  readonly fetch: PlainFetch;
  close(): Promise<void>;
}

const connectMs = 5_000;

export function createCheckedFetch(allowsAddress: AddressCheck): CheckedFetch {
  let made: Agent | undefined;
  // Most gateways never need one.
  const dispatcher = () =>
    (made ??= new Agent({ allowH2: false, connect: socketConnector({ connectMs, allowsAddress }) }));
  return {
    fetch: (url, request) => fetch(url, { ...request, dispatcher: dispatcher() }),
    async close() {
      await made?.close();
    },
  };
}
