import ipaddr from "ipaddr.js";

/**
 * Whom limits by address take for one caller: an IPv4 address, or the /64 of an IPv6 one, which is what a single
 * customer gets at least (RFC 6177). Empty for what has no address.
 */
export function addressBlock(address: string | undefined): string {
  if (address === undefined) return "";
  if (!address.includes(":") || !ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(":") : parsed.toString();
}
