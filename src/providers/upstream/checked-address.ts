// The address that a connection goes to, checked in the moment in which it is known: what a name resolved to before
// tells nothing of what it resolves to now.

import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";

/** Whether an address may be connected to. */
export type AddressCheck = (address: string) => boolean;

/** The code of the error where none of a host's addresses may be connected to. */
export const addressRefused = "ERR_ADDRESS_REFUSED";

export const refusedAddress = (): Error =>
  Object.assign(new Error("No address of the host may be connected to."), { code: addressRefused });

/** Node looks no address up: one that stands in the URL itself is asked here. */
export const mayConnectTo = (hostname: string, allows: AddressCheck): boolean => {
  const address = hostname.replace(/^\[|\]$/g, "");
  return isIP(address) === 0 || allows(address);
};

/** The system's look-up without what may not be connected to. */
export const checkedLookup =
  (allows: AddressCheck): LookupFunction =>
  (hostname, options, callback) => {
    systemLookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, "", 0);
      const allowed = found.filter(({ address }) => allows(address));
      const [first] = allowed;
      if (first === undefined) return callback(refusedAddress(), "", 0);
      if (options.all === true) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
