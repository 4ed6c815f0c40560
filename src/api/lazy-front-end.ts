// A front end whose code is loaded when it is first asked: most gateways are asked by one or two of them, and the
// libraries of GraphQL or Connect take a quarter of a second and 30 MB each.

import type { ReportFault } from "../core/errors.ts";
import type { HttpFrontEnd } from "./http-front-end.ts";

export interface LazyFrontEndOptions {
  readonly serves: HttpFrontEnd["serves"];
  /** Called once, with the first request. */
  readonly load: () => Promise<HttpFrontEnd>;
  /** Whether it takes over connections. */
  readonly upgrades: boolean;
  readonly reportFault?: ReportFault | undefined;
}

export function createLazyFrontEnd(options: LazyFrontEndOptions): HttpFrontEnd {
  const { serves, load, upgrades, reportFault } = options;
  let loading: Promise<HttpFrontEnd> | undefined;
  let loaded: HttpFrontEnd | undefined;

  /** Requests that come while it loads wait, their bodies unread. */
  function whenLoaded(use: (frontEnd: HttpFrontEnd) => void, giveUp: () => void): void {
    if (loaded !== undefined) return use(loaded);
    loading ??= load().then((frontEnd) => (loaded = frontEnd));
    loading.then(use).catch((error: unknown) => {
      reportFault?.(error, {});
      giveUp();
    });
  }

  const frontEnd: HttpFrontEnd = {
    serves,
    handle(request, response) {
      whenLoaded(
        (ready) => ready.handle(request, response),
        () => response.destroy(),
      );
    },
    async close() {
      await (await loading?.catch(() => undefined))?.close?.();
    },
  };
  if (!upgrades) return frontEnd;
  return {
    ...frontEnd,
    upgrade(request, socket, head) {
      whenLoaded(
        (ready) => ready.upgrade?.(request, socket, head),
        () => socket.destroy(),
      );
    },
  };
}
