// Who may ask for a field: checked before its resolver runs, by the rule that the ports have. Each field by which an
// operation begins says it; a test holds that none is left out.

import type { GraphQLField } from "graphql";
import { type Permission, permissions } from "../../core/access/permissions.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Gateway } from "../../core/gateway.ts";
import type { Caller } from "../caller.ts";

export interface Scopes {
  /** Whoever has the permission. */
  readonly permission: Permission;
  /** Whoever is known, as the gateway's own machine is while it asks for no key. */
  readonly signedIn: boolean;
  /** Anybody, also without a credential. */
  readonly public: boolean;
}

/** Who asks: see stranger.ts. */
export interface Asker {
  readonly caller: Caller;
  /** It has shown no credential to a gateway that asks for one. */
  readonly isStranger: boolean;
}

interface ScopeChecks {
  readonly permission: (permission: Permission) => boolean;
  readonly signedIn: () => boolean;
  readonly public: true;
}

/** Each check @throws GatewayError `unauthenticated`, `permission_denied`, as the ports do. */
export function scopeChecks({
  caller,
  isStranger,
  gateway,
}: Asker & { readonly gateway: Pick<Gateway, "requirePermission"> }): ScopeChecks {
  const signedIn = () => {
    if (isStranger) throw credentialNeeded();
    return true;
  };
  return {
    signedIn,
    permission(permission) {
      signedIn();
      gateway.requirePermission(caller.principal, permission);
      return true;
    },
    public: true,
  };
}

export const credentialNeeded = (): GatewayError =>
  new GatewayError({
    code: "unauthenticated",
    message: "A credential is needed. Send it as `Authorization: Bearer <key>` or `X-API-Key`, or log in.",
  });

/** What a field of the built schema says; undefined: nothing, or what is not known here. */
export function scopeOf({
  extensions,
}: GraphQLField<unknown, unknown>): Permission | keyof Scopes | undefined {
  const scopes = memberOf(memberOf(extensions, "pothosOptions"), "authScopes");
  const permission = memberOf(scopes, "permission");
  if (permission !== undefined) return permissions.find((known) => known === permission);
  if (memberOf(scopes, "signedIn") === true) return "signedIn";
  return memberOf(scopes, "public") === true ? "public" : undefined;
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
