// What routes remember from one call to the next, per node.

import { HedgeShare } from "./hedge-share.ts";

export interface RouteState {
  /** Calls so far. */
  turn: number;
  readonly hedges: HedgeShare;
}

export class RouteStates {
  readonly #byName = new Map<string, RouteState>();
  #outputTokens: number | undefined;

  /** Of the route, or of all calls that name no route. */
  of(route: string | undefined): RouteState {
    const name = route ?? "";
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const state = { turn: 0, hedges: new HedgeShare() };
    this.#byName.set(name, state);
    return state;
  }

  /** Routes that are gone take what was remembered with them. */
  keepOnly(routes: ReadonlyMap<string, unknown>): void {
    for (const name of this.#byName.keys()) if (name !== "" && !routes.has(name)) this.#byName.delete(name);
  }

  /** A decaying average over all whole answers of chats; undefined before the first. */
  get outputTokens(): number | undefined {
    return this.#outputTokens;
  }

  answered(outputTokens: number): void {
    this.#outputTokens =
      this.#outputTokens === undefined
        ? outputTokens
        : this.#outputTokens + newShare * (outputTokens - this.#outputTokens);
  }
}

/** How much an answer moves the average. */
const newShare = 0.02;
