// Which servers may be asked for whoever adds a provider while the gateway runs: those of the internet. Whoever may
// add a provider must not reach by it what only the gateway's machine can reach (OWASP: server-side request forgery).

import ipaddr from "ipaddr.js";
import { inNetworks, type NetworkCheck } from "./networks.ts";

/**
 * Azure's WireServer, by which a machine reads its own secrets. Those of other clouds are link-local or private.
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
const wireServer = "168.63.129.16";

/**
 * Whether an address may be connected to: a public unicast one, or one of `EGRESS_NETWORKS`. IPv6 addresses that stand
 * for IPv4 ones (mapped, NAT64, 6to4, Teredo) are no public ones, unless mapped: those count as what they stand for.
 */
export function createEgressRule(networks: readonly string[]): NetworkCheck {
  const isAllowed = inNetworks(networks);
  return (address) => {
    const plain = withoutZone(address);
    if (!ipaddr.isValid(plain)) return false;
    const parsed = ipaddr.process(plain);
    const text = parsed.toString();
    return isAllowed(text) || (isPublic(parsed) && text !== wireServer);
  };
}

/** What the library takes for unicast holds all that nobody has given out, such as `::7f00:1`, which is 127.0.0.1. */
const isPublic = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  address.range() === "unicast" && (address instanceof ipaddr.IPv4 || address.match(globalUnicast));

/** https://www.iana.org/assignments/ipv6-address-space */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * What can be told of a URL before it is connected to: undefined where its host is a name that has to be looked up.
 */
export function hostAllowed(url: URL, allows: NetworkCheck): boolean | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(host)) return allows(host);
  // Every system resolves these to itself (RFC 6761, 6.3).
  return /(^|\.)localhost\.?$/.test(host) ? allows("127.0.0.1") : undefined;
}

const withoutZone = (address: string): string => address.split("%", 1)[0] ?? "";
