// Ids are UUIDv7 (RFC 9562, 5.7): ordered by time, so that database indexes grow at their end.

import type { Clock } from "./clock.ts";

export type NewId = () => string;

const hexDigits = codesOf("0123456789abcdef");
const digit0 = "0".charCodeAt(0);
const letterA = "a".charCodeAt(0);

/** Where in an id's text the digits of the time stand, and those that are random whole. */
const timePlaces = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12];
const randomPlaces = [20, 21, 22, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35];

/** Two for the counter's beginning, one for the variant's digit, a half for each digit of `randomPlaces`. */
const randomBytesAnId = 11;

/**
 * A source of UUIDv7 ids. Those of one millisecond count up in the 12 bits after the version (RFC 9562,
 * 6.2, method 1), so that ids of one source never go back, even if the clock does.
 */
export function createIdSource(options: { clock: Clock; fillRandom: (bytes: Uint8Array) => void }): NewId {
  const { clock, fillRandom } = options;
  // One call of the random source serves many ids; asking for eleven bytes each time costs ten times as much.
  const pool = new Uint8Array(randomBytesAnId * 128);
  let used = pool.length;
  let lastMs = 0;
  let counter = 0;
  // Character codes in place, and one text of them all: V8 keeps a sum of texts as the tree of its pieces, for as
  // long as the id lives.
  const codes = codesOf("00000000-0000-7000-8000-000000000000");

  const byte = () => pool[used++] ?? 0;
  const put = (place: number, digit: number) => {
    codes[place] = hexDigits[digit & 0xf] ?? 0;
  };
  const putTime = () => {
    let rest = lastMs;
    for (let i = timePlaces.length - 1; i >= 0; i -= 1) {
      put(timePlaces[i] ?? 0, rest % 16);
      rest = Math.floor(rest / 16);
    }
  };

  return () => {
    if (used === pool.length) {
      fillRandom(pool);
      used = 0;
    }
    const seed = ((byte() << 8) | byte()) & 0x7ff;
    const nowMs = clock.epochMs();
    if (nowMs > lastMs || counter === 0xfff) {
      counter = nowMs > lastMs ? seed : 0;
      lastMs = Math.max(nowMs, lastMs + 1);
      putTime();
    } else {
      counter += 1;
    }
    put(15, counter >> 8);
    put(16, counter >> 4);
    put(17, counter);
    put(19, 0b1000 | (byte() & 0b11));
    let random = 0;
    for (let i = 0; i < randomPlaces.length; i += 1) {
      random = i % 2 === 0 ? byte() : random >> 4;
      put(randomPlaces[i] ?? 0, random);
    }
    return String.fromCharCode(...codes);
  };
}

function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

/** The time that a UUIDv7 in small letters carries, in milliseconds since 1970. */
export function epochMsOfId(id: string): number {
  let epochMs = 0;
  // Digit by digit: this is done for every record, and a number's text would have to be made first.
  for (const place of timePlaces) {
    const code = id.charCodeAt(place);
    epochMs = epochMs * 16 + (code < letterA ? code - digit0 : code - letterA + 10);
  }
  return epochMs;
}

const uuid7Pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const isUuid7 = (id: string): boolean => uuid7Pattern.test(id);

/**
 * When what has the id was created, in epoch milliseconds: the id's own time, so that the order of ids is the order of
 * time, a call is in one month wherever it is counted, and an id is all that is needed to go on reading behind it.
 * An id of another form tells none: then it is `otherwiseMs`.
 */
export const createdAtOf = (id: string, otherwiseMs: number): number =>
  isUuid7(id) ? epochMsOfId(id) : otherwiseMs;
