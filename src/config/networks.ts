// Networks as settings name them: addresses, and such as 10.0.0.0/8.

import { BlockList, isIP } from "node:net";

/** Whether an address is in one of the networks. */
export type NetworkCheck = (address: string) => boolean;

/** Undefined when one is no network. */
export function parseNetworks(networks: readonly string[]): NetworkCheck | undefined {
  const list = new BlockList();
  for (const network of networks) {
    // What is no plain number must not pass for one: an empty prefix would be 0, which is every address.
    const [, address = "", prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(network) ?? [];
    const version = isIP(address);
    const longest = version === 6 ? 128 : 32;
    const bits = prefix === undefined ? longest : Number(prefix);
    if (version === 0 || bits > longest) return undefined;
    list.addSubnet(address, bits, familyOf(address));
  }
  // Most calls come from few addresses, one after the other.
  let last = { address: "", inside: false };
  return (address) => {
    if (address !== last.address) last = { address, inside: list.check(address, familyOf(address)) };
    return last.inside;
  };
}

/** For settings that were read: what is no network was refused then, and lets nobody in. */
export const inNetworks = (networks: readonly string[]): NetworkCheck =>
  parseNetworks(networks) ?? (() => false);

const familyOf = (address: string) => (address.includes(":") ? "ipv6" : "ipv4");
