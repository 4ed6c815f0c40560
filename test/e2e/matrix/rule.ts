// What the matrix expects of an operation, and how it asks for it.

import type { Permission } from "../../../src/core/access/permissions.ts";
import type { Maker } from "./maker.ts";
import type { Outcome } from "./outcome.ts";
import type { Caller, SeededTenant } from "./tenants.ts";

/** One caller who asks for one operation about one tenant. */
export interface Cell {
  readonly caller: Caller;
  /** Callers' tenant. */
  readonly own: SeededTenant;
  /** The one that is asked about. */
  readonly at: SeededTenant;
  readonly make: Maker;
}

export interface Rule<Asked> {
  /** `credential`: any; `user`: one of somebody who has logged in; `nothing`: not even that. */
  readonly needs: Permission | "credential" | "user" | "nothing";
  /** What is said of another tenant to who acts for none but their own; `ok`: nothing in it is a tenant's. */
  readonly elsewhere: Outcome;
  /** The least that is valid. */
  readonly ask: (cell: Cell) => Asked | Promise<Asked>;
  /** Other ways to reach for what another tenant has. */
  readonly alsoElsewhere?: readonly {
    readonly outcome: Outcome;
    readonly ask: (cell: Cell) => Asked | Promise<Asked>;
  }[];
  /** What is said to who may; absent: `ok`. */
  readonly says?: Outcome;
  /** Whoever may sees the tenant's own texts, or who has the permission besides. */
  readonly shows?: true | Permission;
  /** It tells everybody what it tells of a tenant. */
  readonly tellsAll?: true;
  /** After what was done, so that the next one can ask for it. */
  readonly after?: (cell: Cell, asked: Asked) => Promise<void> | void;
}

export function expectedOutcome<Asked>(
  { needs, elsewhere, says = "ok" }: Rule<Asked>,
  { caller, own, at }: Cell,
): Outcome {
  const { permissions, user } = caller;
  const actsForAll = permissions?.has("tenants:act_as") === true;
  const inside = at === own ? says : actsForAll && needs !== "nothing" ? says : elsewhere;
  if (needs === "nothing") return inside;
  if (permissions === undefined) return "unauthenticated";
  if (needs === "credential") return inside;
  if (needs === "user") return user === undefined ? "permission_denied" : inside;
  return permissions.has(needs) ? inside : "permission_denied";
}
