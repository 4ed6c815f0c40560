// Where issuers of sign-on may be: like providers that are added at run time, on the internet, or in networks that the
// configuration names.

import { hostAllowed } from "./config/egress.ts";
import type { NetworkCheck } from "./config/networks.ts";
import { GatewayError } from "./core/errors.ts";

/** Rejects for an address that may not be asked; those of a name are checked with each connection. */
export const createIssuerAddressRule =
  (allows: NetworkCheck) =>
  async (url: string): Promise<void> => {
    const parsed = new URL(url);
    if (hostAllowed(parsed, allows) === false) throw denied(parsed.hostname);
  };

const denied = (host: string): GatewayError =>
  new GatewayError({
    code: "permission_denied",
    message:
      `The issuer's host ${host.slice(0, 200)} is in a private network. Use a public address, or name the network in ` +
      "EGRESS_NETWORKS.",
  });
