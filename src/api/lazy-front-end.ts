// A front end whose code is loaded when it is first asked: most gateways are asked by one or two of them, and the
// libraries of GraphQL or Connect take a quarter of a second and 30 MB each.

import type { Clock } from "../core/clock.ts";
import { errorTable, GatewayError, type ReportFault } from "../core/errors.ts";
import { endWith } from "./http-bounds.ts";
import type { HttpFrontEnd } from "./http-front-end.ts";
import { createKnownError } from "./known-error.ts";
import { sendJson } from "./send-json.ts";

export interface LazyFrontEndOptions {
  readonly serves: HttpFrontEnd["serves"];
  /** Called with the first request; again with a later one where it failed. */
  readonly load: () => Promise<HttpFrontEnd>;
  /** Whether it takes over connections. */
  readonly upgrades: boolean;
  readonly clock: Clock;
  readonly reportFault?: ReportFault | undefined;
}

export function createLazyFrontEnd(options: LazyFrontEndOptions): HttpFrontEnd {
  const { serves, load, upgrades, clock } = options;
  const known = createKnownError(options.reportFault);
  let loading: Promise<HttpFrontEnd> | undefined;
  let loaded: HttpFrontEnd | undefined;
  let closed = false;

  async function loadOnce(): Promise<HttpFrontEnd> {
    try {
      loaded = await load();
      return loaded;
    } catch (error) {
      loading = undefined;
      throw error;
    }
  }

  /** Requests that come while it loads wait, their bodies unread. */
  async function whenLoaded(
    use: (frontEnd: HttpFrontEnd) => void,
    refuse: (known: GatewayError) => void,
  ): Promise<void> {
    try {
      if (closed) throw stopping();
      const ready = await (loading ??= loadOnce());
      // What is closed holds nothing open any more, and would not end what it is given now.
      if (closed) throw stopping();
      use(ready);
    } catch (error) {
      refuse(known(error));
    }
  }

  const frontEnd: HttpFrontEnd = {
    serves,
    handle(request, response) {
      if (loaded !== undefined && !closed) return loaded.handle(request, response);
      void whenLoaded(
        (ready) => ready.handle(request, response),
        ({ code, message }) => {
          if (response.headersSent) return void response.destroy();
          response.setHeader("connection", "close");
          sendJson(response, errorTable[code].http, { error: { code, message } });
        },
      );
    },
    async close() {
      closed = true;
      await (await loading?.catch(() => undefined))?.close?.();
    },
  };
  if (!upgrades) return frontEnd;
  return {
    ...frontEnd,
    upgrade(request, socket, head) {
      void whenLoaded(
        (ready) => ready.upgrade?.(request, socket, head),
        ({ code, message }) =>
          endWith({ socket, clock }, { status: "503 Service Unavailable", code, message }),
      );
    },
  };
}

const stopping = () =>
  new GatewayError({
    code: "unavailable",
    message: "The gateway is stopping. Send it to another one, or later.",
  });
