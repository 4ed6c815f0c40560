// Access by keys that the configuration lists, and without a key while that is allowed.

import { GatewayError } from "../errors.ts";
import type { Access, Presented } from "./access.ts";
import { hostName, isLoopbackName } from "./host-name.ts";
import { isOwnOrigin } from "./own-origin.ts";
import { ownPrincipal } from "./own-principal.ts";
import { permissionsOfRole } from "./permissions.ts";
import type { Principal } from "./principal.ts";

export interface AccessOptions {
  /** Keys of the tenant `default`. */
  readonly apiKeys: readonly string[];
  /** True: a credential is always asked for. False: never. Absent: as soon as there is a key. */
  readonly authRequired?: boolean | undefined;
  /** Whether an address is in a network that is served without a key. */
  readonly servesKeyless: (address: string) => boolean;
  /** Names besides loopback's that a keyless caller may use as `Host`. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages the operator lets call, also without a key; absent: none but the gateway's own. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** A one-way digest: keys are found by it, so that comparing them tells nothing by its time. */
  readonly digest: (text: string) => string;
}

const keyIdChars = 12;
const maxShownChars = 100;

export function createAccess(options: AccessOptions): Access {
  const { digest, servesKeyless } = options;
  const principals = new Map(
    options.apiKeys.map((key): [string, Principal] => {
      const hash = digest(key);
      const apiKeyId = `key_${hash.slice(0, keyIdChars)}`;
      const permissions = permissionsOfRole.developer;
      return [hash, { tenantId: "default", apiKeyId, environment: "live", keyless: false, permissions }];
    }),
  );
  const allowedHosts = new Set(options.allowedHosts.map((host) => hostName(host) ?? host));
  const allowedOrigins = new Set(options.allowedOrigins);
  const keyless = options.authRequired === undefined ? principals.size === 0 : !options.authRequired;

  function ofCredential(credential: string | undefined): Principal | undefined {
    return credential === undefined ? undefined : principals.get(digest(credential));
  }

  // A web page that the developer happens to have open must not be able to spend the developer's money: its
  // browser names the page in `Origin`, and a name of its own that resolves to loopback in `Host`.
  function checkKeyless(presented: Presented): void {
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
  }

  // Most callers write the same name.
  let lastKnownHost: string | undefined;

  function isKnownHost(host: string): boolean {
    if (host === lastKnownHost) return true;
    const name = hostName(host);
    const known = name !== undefined && (isLoopbackName(name) || allowedHosts.has(name));
    if (known) lastKnownHost = host;
    return known;
  }

  return {
    keyless,
    async authenticate(presented) {
      const principal = ofCredential(presented.credential);
      const origin = { address: presented.remoteAddress, correlationId: presented.correlationId };
      if (principal !== undefined) return { ...principal, origin };
      if (keyless) {
        checkKeyless(presented);
        return { ...ownPrincipal, origin };
      }
      throw new GatewayError({
        code: "unauthenticated",
        message:
          presented.credential === undefined
            ? "A key is needed. Send it as `Authorization: Bearer <key>` or `X-API-Key`."
            : "The key is not known. Check it for a typing error, or ask for a new one.",
      });
    },
  };
}

const denied = (message: string) => new GatewayError({ code: "permission_denied", message });
