// Who is served without a credential. A web page that the developer happens to have open must not be able to spend the
// developer's money: its browser names the page in `Origin`, and a name of its own that resolves to loopback in `Host`.

import { GatewayError } from "../errors.ts";
import type { Presented } from "./access.ts";
import { hostName, isLoopbackName } from "./host-name.ts";
import { isOwnOrigin } from "./own-origin.ts";

export interface KeylessOptions {
  /** Whether an address is in a network that is served without a key. */
  readonly servesKeyless: (address: string) => boolean;
  /** Names besides loopback's that a keyless caller may use as `Host`. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages the operator lets call, also without a key; absent: none but the gateway's own. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

const maxShownChars = 100;

/** What throws `permission_denied` for whoever is not served so. */
export function createKeylessRules(options: KeylessOptions): (presented: Presented) => void {
  const { servesKeyless } = options;
  const allowedHosts = new Set(options.allowedHosts.map((host) => hostName(host) ?? host));
  const allowedOrigins = new Set(options.allowedOrigins);
  // Most callers write the same name.
  let lastKnownHost: string | undefined;

  function isKnownHost(host: string): boolean {
    if (host === lastKnownHost) return true;
    const name = hostName(host);
    const known = name !== undefined && (isLoopbackName(name) || allowedHosts.has(name));
    if (known) lastKnownHost = host;
    return known;
  }

  return (presented) => {
    const { remoteAddress, host, origin, forwarding } = presented;
    // A proxy on the same machine makes the whole internet look like loopback.
    if (forwarding !== undefined) {
      throw denied(
        "A proxy forwarded this call, and nothing that can be believed tells who calls. Name the proxy in " +
          "TRUST_PROXY and have it send X-Forwarded-For, or create a key.",
      );
    }
    if (remoteAddress === undefined || !servesKeyless(remoteAddress)) {
      throw denied("Without a key only the networks of KEYLESS_NETWORKS are served. Create a key.");
    }
    // A browser always names a host: who names none is no page.
    if (host !== undefined && !isKnownHost(host)) {
      const shown = host.slice(0, maxShownChars);
      throw denied(`Host "${shown}" is not served without a key. Name it in ALLOWED_HOSTS, or create a key.`);
    }
    if (origin !== undefined && !allowedOrigins.has(origin) && !isOwnOrigin(presented)) {
      throw denied(
        "Pages of other origins are not served without a key. Name the origin in CORS_ORIGINS, or create a key.",
      );
    }
  };
}

const denied = (message: string) => new GatewayError({ code: "permission_denied", message });
