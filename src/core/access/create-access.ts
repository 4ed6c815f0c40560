// Access by keys that the configuration lists, and without a key while that is allowed.

import { GatewayError } from "../errors.ts";
import type { Access, Presented } from "./access.ts";
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
  /** A one-way digest: keys are found by it, so that comparing them tells nothing by its time. */
  readonly digest: (text: string) => string;
}

const keyIdChars = 12;

export function createAccess(options: AccessOptions): Access {
  const { digest, servesKeyless } = options;
  const principals = new Map(
    options.apiKeys.map((key): [string, Principal] => {
      const hash = digest(key);
      const apiKeyId = `key_${hash.slice(0, keyIdChars)}`;
      return [hash, { tenantId: "default", apiKeyId, environment: "live", keyless: false }];
    }),
  );
  const allowedHosts = new Set(options.allowedHosts.map((host) => host.toLowerCase()));
  const keyless = options.authRequired === undefined ? principals.size === 0 : !options.authRequired;

  function ofCredential(credential: string | undefined): Principal | undefined {
    return credential === undefined ? undefined : principals.get(digest(credential));
  }

  // A web page that the developer happens to have open must not be able to spend the developer's money: its
  // browser names the page in `Origin`, and a name of its own that resolves to loopback in `Host`.
  function checkKeyless({ remoteAddress, host, origin }: Presented): void {
    if (remoteAddress === undefined || !servesKeyless(remoteAddress)) {
      throw denied("Without a key only the networks of KEYLESS_NETWORKS are served. Create a key.");
    }
    if (host !== undefined && !isLoopback(hostName(host)) && !allowedHosts.has(hostName(host))) {
      throw denied(`Host "${host}" is not served without a key. Name it in ALLOWED_HOSTS, or create a key.`);
    }
    if (origin !== undefined && hostOfOrigin(origin) !== host?.toLowerCase()) {
      throw denied("Pages of other origins are not served without a key.");
    }
  }

  return {
    keyless,
    async authenticate(presented) {
      const principal = ofCredential(presented.credential);
      if (principal !== undefined) return principal;
      if (keyless) {
        checkKeyless(presented);
        return { tenantId: "default", environment: "live", keyless: true };
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

/** The name of a `Host` header, without its port. */
const hostName = (host: string): string => host.toLowerCase().replace(/:\d+$/, "");

const isLoopback = (name: string): boolean =>
  name === "localhost" || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);

const hostOfOrigin = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;
