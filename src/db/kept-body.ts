import type { UnwrittenBody } from "./bound-body.ts";

/** What is kept of one body: its JSON text, cut where the limit is. */
export interface KeptBody {
  readonly text: string | null;
  readonly cut: boolean;
}

const encoder = new TextEncoder();

/** Makes JSON texts of bodies, of at most `maxBytes` bytes of UTF-8 each; none is cut inside a character. */
export function createBodyKeeper(maxBytes: number): (body: UnwrittenBody | undefined) => KeptBody {
  // A UTF-16 unit is at most three bytes of UTF-8, so that shorter texts need not be measured.
  const surelyShort = Math.floor(maxBytes / 3);
  const room = new Uint8Array(maxBytes);
  return (body) => {
    if (body === undefined) return { text: null, cut: false };
    let text: string | undefined;
    try {
      text = JSON.stringify(body.value);
    } catch {
      // A value that JSON cannot hold, as a bigint or a circle: the record counts more than its body.
      return { text: null, cut: true };
    }
    if (text === undefined) return { text: null, cut: body.cut };
    if (text.length <= surelyShort) return { text, cut: body.cut };
    const { read } = encoder.encodeInto(text, room);
    return { text: text.slice(0, read), cut: body.cut || read < text.length };
  };
}
