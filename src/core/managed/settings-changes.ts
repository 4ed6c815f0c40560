// The port that changes providers and routes while the gateway runs. A change is kept before it is in force, and one
// that is refused changes nothing; calls under way keep what they began with.

import type { Principal } from "../access/principal.ts";
import type { ProviderView, RouteView } from "../settings-views.ts";
import type { ProviderInput, RouteInput } from "./settings-input.ts";

export interface ChangeOptions {
  /** The one that was read; absent: whichever. Another one is a `conflict`. */
  readonly version?: number | undefined;
}

export interface Validated {
  /** Asks the provider for its list of models before anything is kept; absent: nobody is asked. */
  readonly validate?: boolean | undefined;
}

export interface Validation {
  /** False for a kind that has no list of models to ask for. */
  readonly asked: boolean;
  /** In a sentence. */
  readonly message: string;
}

export interface ChangedProvider extends ProviderView {
  /** Absent: nobody wanted it. */
  readonly validation?: Validation | undefined;
}

/** What became of secrets after the server's own was changed. */
export interface Resealed {
  /** How many are now sealed with the new one. */
  readonly resealed: number;
  /** Whose could not be opened: what is wrong with each, in a sentence. */
  readonly problems: readonly string[];
}

/**
 * Each throws a GatewayError: `permission_denied` for who may not, `invalid_request` that names the field, or the
 * source of what is declared, `not_found`, `conflict` for a name in use and for what was changed meanwhile,
 * `unavailable` when the database does not take it.
 */
export interface SettingsChanges {
  addProvider(
    principal: Principal,
    input: ProviderInput & { readonly name: string; readonly kind: string },
    options?: Validated,
  ): Promise<ChangedProvider>;
  updateProvider(
    principal: Principal,
    input: ProviderInput & { readonly name: string },
    options?: ChangeOptions & Validated,
  ): Promise<ChangedProvider>;
  /** Whether it takes no new attempts. */
  drainProvider(
    principal: Principal,
    drain: { readonly name: string; readonly draining: boolean },
    options?: ChangeOptions,
  ): Promise<ProviderView>;
  /** Gives what it was; undefined where it could not be served. Refused while a route names it. */
  removeProvider(
    principal: Principal,
    name: string,
    options?: ChangeOptions,
  ): Promise<ProviderView | undefined>;
  /** Seals with the server's current secret what an earlier one sealed, so that that one can be dropped. */
  resealSecrets(principal: Principal): Promise<Resealed>;
  addRoute(principal: Principal, input: RouteInput & { readonly name: string }): Promise<RouteView>;
  updateRoute(
    principal: Principal,
    input: RouteInput & { readonly name: string },
    options?: ChangeOptions,
  ): Promise<RouteView>;
  /** Whether it takes no new calls. */
  drainRoute(
    principal: Principal,
    drain: { readonly name: string; readonly draining: boolean },
    options?: ChangeOptions,
  ): Promise<RouteView>;
  /** Gives what it was; undefined where it could not be served. The route `default` is then automatic again. */
  removeRoute(principal: Principal, name: string, options?: ChangeOptions): Promise<RouteView | undefined>;
}
