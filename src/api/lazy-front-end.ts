// A front end whose code is loaded when it is first asked: most gateways are asked by one or two of them, and the
// libraries of GraphQL or Connect take a quarter of a second and 30 MB each.

import type { Clock } from "../core/clock.ts";
import { errorTable, type GatewayError, type ReportFault } from "../core/errors.ts";
import { gatewayStopping } from "../core/gateway-stopping.ts";
import { endWith } from "./http-bounds.ts";
import type { HttpFrontEnd } from "./http-front-end.ts";
import { createKnownError } from "./known-error.ts";
import { sendJson } from "./send-json.ts";

export interface LazyFrontEndOptions {
  readonly endpoints: HttpFrontEnd["endpoints"];
  readonly serves: HttpFrontEnd["serves"];
  /** Called with the first request; again with a later one where it failed. */
  readonly load: () => Promise<HttpFrontEnd>;
  /** Whether it takes over connections. */
  readonly upgrades: boolean;
  readonly clock: Clock;
  readonly reportFault?: ReportFault | undefined;
}

export function createLazyFrontEnd(options: LazyFrontEndOptions): HttpFrontEnd {
  const { endpoints, serves, load, upgrades, clock } = options;
  const known = createKnownError(options.reportFault);
  let loading: Promise<HttpFrontEnd> | undefined;
  let loaded: HttpFrontEnd | undefined;
  let draining = false;

  async function loadOnce(): Promise<HttpFrontEnd> {
    try {
      const ready = await load();
      if (!draining) loaded = ready;
      return ready;
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
      if (draining) throw gatewayStopping();
      const ready = await (loading ??= loadOnce());
      // It was not drained, and would not end what it is given now.
      if (draining) throw gatewayStopping();
      use(ready);
    } catch (error) {
      refuse(known(error));
    }
  }

  const frontEnd: HttpFrontEnd = {
    endpoints,
    serves,
    handle(request, response) {
      if (loaded !== undefined) return loaded.handle(request, response);
      void whenLoaded(
        (ready) => ready.handle(request, response),
        ({ code, message, retryAfterMs }) => {
          if (response.headersSent) return void response.destroy();
          response.setHeader("connection", "close");
          if (retryAfterMs !== undefined) response.setHeader("retry-after", Math.ceil(retryAfterMs / 1000));
          sendJson(response, errorTable[code].http, { error: { code, message } });
        },
      );
    },
    async drain() {
      draining = true;
      // Those who wait for it are told first.
      await loading?.catch(() => undefined);
      await loaded?.drain?.();
    },
    async close() {
      await (await loading?.catch(() => undefined))?.close?.();
    },
  };
  if (!upgrades) return frontEnd;
  return {
    ...frontEnd,
    upgrade(request, socket, head) {
      void whenLoaded(
        (ready) => ready.upgrade?.(request, socket, head),
        ({ code, message, retryAfterMs }) =>
          endWith({ socket, clock }, { status: "503 Service Unavailable", code, message, retryAfterMs }),
      );
    },
  };
}
