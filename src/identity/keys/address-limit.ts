// How many credentials of one address may turn out to be nobody's, so that guessing does not become work for the
// database. Those that are right cost nothing, however many come at a time.

import { LRUCache } from "lru-cache";
import { CredentialRefusal } from "../../core/access/credential-refusal.ts";
import type { Clock } from "../../core/clock.ts";
import { GatewayError } from "../../core/errors.ts";
import { WaitingLine } from "../../core/limits/waiting-line.ts";
import { addressBlock } from "../address-block.ts";

export interface AddressLimitOptions {
  readonly clock: Clock;
  readonly perMinute?: number | undefined;
  readonly addressesMax?: number | undefined;
  /** Of all addresses together. */
  readonly waitingMax?: number | undefined;
}

/** Takes the outcome of a look-up, once. */
export type EndLookUp = (outcome: { readonly isNobodys: boolean }) => void;

interface Waiter {
  readonly enter: () => void;
  readonly refuse: (error: GatewayError) => void;
}

class Place {
  /** When all that was counted will be forgotten (GCRA's theoretical arrival time). */
  cleanAtMs = 0;
  underWay = 0;
  readonly line = new WaitingLine<Waiter>();
}

export class AddressLimit {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #eachMs: number;
  readonly #waitingMax: number;
  readonly #places: LRUCache<string, Place>;
  #waiting = 0;

  constructor({ clock, perMinute = 30, addressesMax = 10_000, waitingMax = 1_000 }: AddressLimitOptions) {
    this.#clock = clock;
    this.#perMinute = perMinute;
    this.#eachMs = 60_000 / perMinute;
    this.#waitingMax = waitingMax;
    this.#places = new LRUCache({ max: addressesMax });
  }

  /** How many addresses are remembered. */
  size(): number {
    return this.#places.size;
  }

  /** Counts one that is nobody's. @throws GatewayError `rate_limited` where there were too many before */
  count(address: string | undefined): void {
    const place = this.#placeOf(address);
    if (this.#left(place) < 1) throw this.#tooMany(place);
    this.#take(place);
  }

  /**
   * Lets a look-up begin: of an address never more at a time than may still turn out to be nobody's; the others wait.
   * @throws GatewayError `rate_limited`, `overloaded`
   */
  async enter(address: string | undefined): Promise<EndLookUp> {
    const place = this.#placeOf(address);
    const left = this.#left(place);
    if (left < 1) throw this.#tooMany(place);
    if (place.underWay < left && place.line.length() === 0) place.underWay += 1;
    else {
      if (this.#waiting >= this.#waitingMax) throw tooManyAtATime();
      this.#waiting += 1;
      await new Promise<void>((enter, refuse) => void place.line.join({ enter, refuse }));
    }
    return ({ isNobodys }) => {
      place.underWay -= 1;
      if (isNobodys) this.#take(place);
      this.#letIn(place);
    };
  }

  /** Those who wait have their turn as soon as it is known of others that they cost nothing. */
  #letIn(place: Place): void {
    while (place.line.length() > 0) {
      const left = this.#left(place);
      if (left >= 1 && place.underWay >= left) return;
      this.#waiting -= 1;
      const waiter = place.line.shift();
      if (left < 1) waiter?.refuse(this.#tooMany(place));
      else {
        place.underWay += 1;
        waiter?.enter();
      }
    }
  }

  #placeOf(address: string | undefined): Place {
    const block = addressBlock(address);
    const known = this.#places.get(block);
    if (known !== undefined) return known;
    const place = new Place();
    this.#places.set(block, place);
    return place;
  }

  #left({ cleanAtMs }: Place): number {
    const countedMs = Math.max(0, cleanAtMs - this.#clock.monotonicMs());
    return Math.floor(this.#perMinute - countedMs / this.#eachMs);
  }

  #take(place: Place): void {
    place.cleanAtMs = Math.max(place.cleanAtMs, this.#clock.monotonicMs()) + this.#eachMs;
  }

  #tooMany({ cleanAtMs }: Place): CredentialRefusal {
    const waitMs = cleanAtMs - this.#clock.monotonicMs() - (this.#perMinute - 1) * this.#eachMs;
    return new CredentialRefusal({
      reason: "rate_limited",
      message: "Too many credentials from this address were wrong. Wait, and check the key that is sent.",
      retryAfterMs: Math.ceil(waitMs),
    });
  }
}

const tooManyAtATime = (): GatewayError =>
  new GatewayError({
    code: "overloaded",
    message: "Too many keys are being looked up at the moment. Try again.",
    retryAfterMs: 1_000,
  });
