// How many credentials of one address may turn out to be nobody's, so that guessing does not become work for the
// database. Those that are right cost nothing, however many come at a time.

import { LRUCache } from "lru-cache";
import { CredentialRefusal } from "../../core/access/credential-refusal.ts";
import type { Clock } from "../../core/clock.ts";
import { GatewayError } from "../../core/errors.ts";
import { WaitingLine } from "../../core/limits/waiting-line.ts";
import { addressBlock } from "../address-block.ts";

export interface AddressLimit {
  /** Counts one that is nobody's. @throws GatewayError `rate_limited` where there were too many before */
  count(address: string | undefined): void;
  /**
   * Lets a look-up begin: of an address never more at a time than may still turn out to be nobody's; the others wait.
   * Gives what takes the outcome of the look-up, once.
   * @throws GatewayError `rate_limited`, `overloaded`
   */
  enter(address: string | undefined): Promise<(isNobodys: boolean) => void>;
  /** How many addresses are remembered. */
  size(): number;
}

export interface AddressLimitOptions {
  readonly clock: Clock;
  readonly perMinute?: number | undefined;
  readonly addressesMax?: number | undefined;
  /** Of all addresses together. */
  readonly waitingMax?: number | undefined;
}

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

export function createAddressLimit(options: AddressLimitOptions): AddressLimit {
  const { clock, perMinute = 30, addressesMax = 10_000, waitingMax = 1_000 } = options;
  const places = new LRUCache<string, Place>({ max: addressesMax });
  const eachMs = 60_000 / perMinute;
  let waiting = 0;

  function placeOf(address: string | undefined): Place {
    const block = addressBlock(address);
    const place = places.get(block) ?? new Place();
    places.set(block, place);
    return place;
  }

  function left({ cleanAtMs }: Place): number {
    const countedMs = Math.max(0, cleanAtMs - clock.monotonicMs());
    return Math.floor(perMinute - countedMs / eachMs);
  }

  function take(place: Place): void {
    place.cleanAtMs = Math.max(place.cleanAtMs, clock.monotonicMs()) + eachMs;
  }

  function tooMany({ cleanAtMs }: Place): CredentialRefusal {
    const retryAfterMs = Math.ceil(cleanAtMs - clock.monotonicMs() - (perMinute - 1) * eachMs);
    return new CredentialRefusal({
      reason: "rate_limited",
      message: "Too many credentials from this address were wrong. Wait, and check the key that is sent.",
      retryAfterMs,
    });
  }

  /** Those who wait have their turn as soon as it is known of others that they cost nothing. */
  function letIn(place: Place): void {
    while (place.line.length() > 0) {
      const room = left(place);
      if (room >= 1 && place.underWay >= room) return;
      waiting -= 1;
      const waiter = place.line.shift();
      if (room < 1) waiter?.refuse(tooMany(place));
      else {
        place.underWay += 1;
        waiter?.enter();
      }
    }
  }

  return {
    count(address) {
      const place = placeOf(address);
      if (left(place) < 1) throw tooMany(place);
      take(place);
    },
    async enter(address) {
      const place = placeOf(address);
      const room = left(place);
      if (room < 1) throw tooMany(place);
      if (place.underWay < room && place.line.length() === 0) place.underWay += 1;
      else {
        if (waiting >= waitingMax) throw tooManyAtATime();
        waiting += 1;
        await new Promise<void>((enter, refuse) => void place.line.join({ enter, refuse }));
      }
      return (isNobodys) => {
        place.underWay -= 1;
        if (isNobodys) take(place);
        letIn(place);
      };
    },
    size: () => places.size,
  };
}

const tooManyAtATime = (): GatewayError =>
  new GatewayError({
    code: "overloaded",
    message: "Too many keys are being looked up at the moment. Try again.",
    retryAfterMs: 1_000,
  });
