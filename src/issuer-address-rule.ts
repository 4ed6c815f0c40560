// Where issuers of sign-on may be: like providers that are added at run time, on the internet, or in networks that the
// configuration names.

import { lookup } from "node:dns/promises";
import { hostAllowed } from "./config/egress.ts";
import type { NetworkCheck } from "./config/networks.ts";
import { GatewayError } from "./core/errors.ts";

/** Rejects for an address that may not be asked, and for a name any of whose addresses may not be. */
export const createIssuerAddressRule =
  (allows: NetworkCheck) =>
  async (url: string): Promise<void> => {
    const parsed = new URL(url);
    const allowed = hostAllowed(parsed, allows) ?? (await allAllowed(parsed.hostname, allows));
    if (!allowed) throw denied(parsed.hostname);
  };

async function allAllowed(hostname: string, allows: NetworkCheck): Promise<boolean> {
  // One that is not known is refused by whoever connects to it.
  const found = await lookup(hostname, { all: true }).catch(() => []);
  return found.every(({ address }) => allows(address));
}

const denied = (host: string): GatewayError =>
  new GatewayError({
    code: "permission_denied",
    message:
      `The issuer's host ${host.slice(0, 200)} is in a private network. Use a public address, or name the network in ` +
      "EGRESS_NETWORKS.",
  });
