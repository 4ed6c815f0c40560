// Who calls, when proxies stand between: the address, the host and the scheme as the first proxy saw them.

import { isIP } from "node:net";
import type { Forwarding, Presented } from "../core/access/access.ts";

/** Whether an address, in the form that `parseAddress` gives, is that of a proxy whose word is taken. */
export type TrustsProxy = (address: string) => boolean;

type Header = (name: string) => string | undefined;

/** More proxies than that in a row are no deployment but an attack. */
const maxProxies = 32;
/** The longest IPv6 address in brackets, with a zone and a port. */
const maxAddressChars = 80;

/** What proxies wrote; undefined when there is no trace of any. */
export function forwardingOf(header: Header): Forwarding | undefined {
  const forwarding = {
    for: header("x-forwarded-for"),
    host: header("x-forwarded-host"),
    proto: header("x-forwarded-proto"),
  };
  const forwarded =
    forwarding.for ??
    forwarding.host ??
    forwarding.proto ??
    header("forwarded") ??
    header("via") ??
    header("x-real-ip");
  return forwarded === undefined ? undefined : forwarding;
}

/**
 * What the client itself presented, where every proxy on its way is trusted; else the same as before, with its
 * `forwarding`, which nobody has vouched for.
 */
export function seenThroughProxies(presented: Presented, trusts: TrustsProxy): Presented {
  const { forwarding, remoteAddress } = presented;
  if (forwarding === undefined || remoteAddress === undefined || forwarding.for === undefined)
    return presented;
  const peer = parseAddress(remoteAddress);
  if (peer === undefined || !trusts(peer)) return presented;
  const client = clientAddress(peer, forwarding.for, trusts);
  if (client === undefined) return presented;
  const scheme = lastOf(forwarding.proto)?.toLowerCase();
  return {
    ...presented,
    remoteAddress: client,
    host: lastOf(forwarding.host) ?? presented.host,
    secure: scheme === undefined ? presented.secure : scheme === "https",
    forwarding: undefined,
  };
}

/**
 * Walks from the peer back along `X-Forwarded-For`: the first address that is no trusted proxy is the client's;
 * where all are trusted, the last one is. What stands before it may be made up by the client.
 * @returns undefined where an entry is no address, or there are too many
 */
export function clientAddress(peer: string, forwardedFor: string, trusts: TrustsProxy): string | undefined {
  let address: string | undefined = peer;
  let end = forwardedFor.length;
  for (let proxies = 0; trusts(address); proxies++) {
    if (end < 0) return address;
    if (proxies === maxProxies) return undefined;
    const comma = forwardedFor.lastIndexOf(",", end - 1);
    address = comma < end ? parseAddress(forwardedFor.slice(comma + 1, end)) : undefined;
    if (address === undefined) return undefined;
    end = comma;
  }
  return address;
}

const ipv4WithPort = /^([\d.]+):\d{1,5}$/;
const ipv6InBrackets = /^\[([^\]]+)\](?::\d{1,5})?$/;

/**
 * An address without port, brackets and zone; an IPv4 address inside of IPv6 (RFC 4291, 2.5.5.2) as IPv4;
 * undefined for anything else.
 */
export function parseAddress(text: string): string | undefined {
  if (text.length > maxAddressChars) return undefined;
  const trimmed = text.trim();
  const bare = ipv4WithPort.exec(trimmed)?.[1] ?? ipv6InBrackets.exec(trimmed)?.[1] ?? trimmed;
  const [address = ""] = bare.split("%", 1);
  const family = isIP(address);
  if (family === 4) return bare === address && !trimmed.startsWith("[") ? address : undefined;
  return family === 6 ? (mappedIpv4(address) ?? address.toLowerCase()) : undefined;
}

function mappedIpv4(ipv6: string): string | undefined {
  const { hostname } = new URL(`http://[${ipv6}]`);
  const [, high, low] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const bits = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return bits.flatMap((word) => [word >> 8, word & 255]).join(".");
}

const lastOf = (list: string | undefined): string | undefined => {
  const last = list?.slice(list.lastIndexOf(",") + 1).trim();
  return last === "" ? undefined : last;
};
