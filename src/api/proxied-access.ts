// Access for a gateway that stands behind proxies.

import type { Access } from "../core/access/access.ts";
import { seenThroughProxies, type TrustsProxy } from "./client-address.ts";

/** Takes the word of the proxies that are trusted for who calls. */
export const createProxiedAccess = (access: Access, trusts: TrustsProxy): Access => ({
  get keyless() {
    return access.keyless;
  },
  authenticate: (presented) => access.authenticate(seenThroughProxies(presented, trusts)),
});
