// Which targets a principal may use: what its tenant's and its key's lists allow, and with a test key only those that
// are for tests.

import { GatewayError } from "../errors.ts";
import type { ConfiguredProvider, Target } from "../snapshot.ts";
import type { AllowedLists, Grants } from "./grants.ts";
import { matchesPattern } from "./pattern.ts";
import type { Principal } from "./principal.ts";

type ListName = "allowedModels" | "allowedProviders";

/** Absent: it is allowed. */
type Obstacle = { readonly list: ListName; readonly whose: "tenant" | "key" } | "not_for_tests";

type ProviderOf = Pick<ConfiguredProvider, "name" | "test">;

export interface NamedModel {
  readonly provider: ProviderOf;
  readonly model: string;
  /** Whether the target itself is for tests; absent: as its provider is. */
  readonly test?: boolean | undefined;
}

/** Whether anything could be refused at all: most principals have no lists. */
const isBound = ({ environment, grants }: Principal): boolean =>
  environment === "test" || isLimited(grants?.tenant) || isLimited(grants?.key);

const isLimited = (lists: AllowedLists | undefined): boolean =>
  lists !== undefined && (lists.allowedModels !== undefined || lists.allowedProviders !== undefined);

/** Whether what may be asked, or what it may cost, goes by the model. */
export const isHeldToModel = (principal: Principal): boolean =>
  isBound(principal) || holders(principal.grants).some((holder) => holder?.budget.hardNanos !== undefined);

/** What it is held to, to be made canonical; undefined: to nothing. */
export const heldToTargets = (principal: Principal): object | undefined =>
  isBound(principal) ? heldLists(principal) : undefined;

/** Equal for principals who may use the same. */
export function heldLists({ environment, grants }: Principal): object {
  const lists = [grants?.tenant, grants?.key].map((holder) => [
    holder?.allowedModels,
    holder?.allowedProviders,
  ]);
  return { environment, lists };
}

const holders = ({ tenant, home, key, user }: Partial<Grants> = {}) => [tenant, home, key, user];

export const allows = (principal: Principal, target: NamedModel): boolean =>
  !isBound(principal) || obstacleOf(principal, target) === undefined;

/**
 * Those that the principal may use, in their order.
 * @throws GatewayError `permission_denied` that names the list, where there were some and none remains: `onRefused`
 * hears it too
 */
export function allowedTargets(
  targets: readonly Target[],
  principal: Principal,
  onRefused: (by: string) => void,
): readonly Target[] {
  if (targets.length === 0 || !isBound(principal)) return targets;
  const allowed = targets.filter((target) => obstacleOf(principal, target) === undefined);
  const [first] = targets;
  if (allowed.length > 0 || first === undefined) return allowed;
  const obstacle = obstacleOf(principal, first);
  onRefused(obstacle === undefined || obstacle === "not_for_tests" ? "test key" : told(obstacle));
  throw noneAllowed(obstacle);
}

function obstacleOf({ environment, grants }: Principal, target: NamedModel): Obstacle | undefined {
  if (environment === "test" && (target.test ?? target.provider.test) !== true) return "not_for_tests";
  const ofTenant = listAgainst(grants?.tenant, target);
  if (ofTenant !== undefined) return { list: ofTenant, whose: "tenant" };
  const ofKey = listAgainst(grants?.key, target);
  return ofKey === undefined ? undefined : { list: ofKey, whose: "key" };
}

function listAgainst(lists: AllowedLists | undefined, { provider, model }: NamedModel): ListName | undefined {
  const { allowedProviders, allowedModels } = lists ?? {};
  if (allowedProviders?.some((pattern) => matchesPattern(pattern, provider.name)) === false) {
    return "allowedProviders";
  }
  const ofModel = (pattern: string) =>
    matchesPattern(pattern, pattern.includes("/") ? `${provider.name}/${model}` : model);
  return allowedModels?.some(ofModel) === false ? "allowedModels" : undefined;
}

const told = ({ list, whose }: Exclude<Obstacle, string>): string => `${list} of the ${whose}`;

/** Without their names: those of a route may be nothing that the caller should know of. */
const noneAllowed = (obstacle: Obstacle | undefined): GatewayError =>
  new GatewayError({
    code: "permission_denied",
    field: "model",
    message:
      obstacle === undefined || obstacle === "not_for_tests"
        ? "A test key reaches only targets that are marked `test`, and nothing that this call could be sent to is. Use a " +
          "live key, or ask for another model."
        : `${told(obstacle)} allows nothing that this call could be sent to. Ask for another model, or ask an ` +
          "administrator to allow it.",
  });
