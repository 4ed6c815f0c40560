// The one message that is sent for every token, as bytes: an eighth of what the general encoder takes. Source:
// protobuf.dev/programming-guides/encoding; fields that are zero or empty are left out, as in all of proto3.

/** Tags of ChatEvent.sequence and .part_delta, and of PartDelta.index and .text: field number and wire type. */
const sequenceTag = (1 << 3) | 0;
const partDeltaTag = (4 << 3) | 2;
const indexTag = (1 << 3) | 0;
const textTag = (2 << 3) | 2;

export interface Delta {
  readonly sequence: number;
  readonly index: number;
  readonly text: string;
}

/** A `sluice.v1.ChatEvent` that holds a part's delta without log probabilities. */
export function encodeDelta({ sequence, index, text }: Delta): Buffer {
  const textBytes = Buffer.byteLength(text);
  const indexLength = index === 0 ? 0 : 1 + varintLength(index);
  const textLength = textBytes === 0 ? 0 : 1 + varintLength(textBytes) + textBytes;
  const deltaLength = indexLength + textLength;
  const sequenceLength = sequence === 0 ? 0 : 1 + varintLength(sequence);
  const bytes = Buffer.allocUnsafe(sequenceLength + 1 + varintLength(deltaLength) + deltaLength);
  let at = 0;
  if (sequence !== 0) at = writeVarint(bytes, sequence, writeTag(bytes, sequenceTag, at));
  at = writeVarint(bytes, deltaLength, writeTag(bytes, partDeltaTag, at));
  if (index !== 0) at = writeVarint(bytes, index, writeTag(bytes, indexTag, at));
  if (textBytes !== 0) {
    at = writeVarint(bytes, textBytes, writeTag(bytes, textTag, at));
    bytes.write(text, at);
  }
  return bytes;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length += 1;
  return length;
}

/** Both give the place behind what they wrote. */
function writeTag(bytes: Buffer, tag: number, at: number): number {
  bytes[at] = tag;
  return at + 1;
}

function writeVarint(bytes: Buffer, value: number, from: number): number {
  let at = from;
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) {
    bytes[at] = (rest % 128) | 128;
    at += 1;
  }
  bytes[at] = rest;
  return at + 1;
}
