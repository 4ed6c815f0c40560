// The gateway as a port serves it that is for calls alone, where administration has a port of its own.

import type { Gateway } from "../gateway.ts";
import type { Sessions } from "../directory/sessions.ts";
import type { Access } from "./access.ts";
import { servedElsewhere } from "./authorize.ts";
import type { Permission, PermissionSet } from "./permissions.ts";

/** What calls need; for whom a call is made is part of it. */
const ofCalls: ReadonlySet<Permission> = new Set(["gateway:use", "guardrails:test", "tenants:act_as"]);

/** The same gateway, whose callers may make calls and do nothing else, whatever they may do elsewhere. */
export const callsOnly = (gateway: Gateway): Gateway => ({
  ...gateway,
  access: callingAccess(gateway.access),
  // It needs no permission that could be missing here.
  administration: { ...gateway.administration, changePassword: elsewhere },
  sessions: sessionsElsewhere,
});

function callingAccess(access: Access): Access {
  // There are few sets, one for each role and a key's own.
  const narrowed = new WeakMap<PermissionSet, PermissionSet>();
  const narrow = (permissions: PermissionSet): PermissionSet => {
    const known = narrowed.get(permissions);
    if (known !== undefined) return known;
    const left = new Set([...permissions].filter((permission) => ofCalls.has(permission)));
    narrowed.set(permissions, left);
    return left;
  };
  return {
    get keyless() {
      return access.keyless;
    },
    async authenticate(presented) {
      const principal = await access.authenticate(presented);
      return { ...principal, permissions: narrow(principal.permissions), elsewhere: principal.permissions };
    },
  };
}

const elsewhere = (): Promise<never> => Promise.reject(servedElsewhere());

const sessionsElsewhere: Sessions = {
  logIn: elsewhere,
  refresh: elsewhere,
  logOut: elsewhere,
  logOutEverywhere: elsewhere,
  beginSignOn: elsewhere,
  finishSignOn: elsewhere,
};
