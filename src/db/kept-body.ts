import { boundBody } from "./bound-body.ts";

/** What is kept of one body: its JSON text, cut where the limit is. */
export interface KeptBody {
  readonly text: string | null;
  readonly cut: boolean;
}

/** How much more text may be kept, by all who keep. */
export interface TextRoom {
  charsLeft: number;
}

const nothing: KeptBody = { text: null, cut: false };
const leftOut: KeptBody = { text: null, cut: true };

const encoder = new TextEncoder();

/**
 * Makes JSON texts of bodies, of at most `maxBytes` bytes of UTF-8 each; none is cut inside a character. A text that
 * finds no room is left out.
 */
export function createBodyKeeper(maxBytes: number): (body: object | undefined, room: TextRoom) => KeptBody {
  // A UTF-16 unit is at most three bytes of UTF-8, so that shorter texts need not be measured.
  const surelyShort = Math.floor(maxBytes / 3);
  const bytes = new Uint8Array(maxBytes);
  return (body, room) => {
    if (body === undefined) return nothing;
    const bounded = boundBody(body, maxBytes);
    const cut = bounded !== body;
    const text = jsonText(bounded);
    if (text === undefined || text.length > room.charsLeft) return leftOut;
    room.charsLeft -= text.length;
    if (text.length <= surelyShort) return { text, cut };
    const { read } = encoder.encodeInto(text, bytes);
    return { text: text.slice(0, read), cut: cut || read < text.length };
  };
}

/** Undefined for what JSON cannot hold, as a bigint or a circle: the record counts more than its body. */
function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
