// `ChatEvent { sequence, part_delta { text } }` as a gRPC frame, by hand: protobuf.dev/programming-guides/encoding.

const sequenceTag = 0x08;
const partDeltaTag = 0x22;
const textTag = 0x12;
const prefixBytes = 5;

export function encodeDelta(sequence: number, text: string): Buffer {
  const textBytes = Buffer.byteLength(text);
  const deltaBytes = 1 + varintBytes(textBytes) + textBytes;
  // The default of a number, 0, is not written.
  const sequenceBytes = sequence === 0 ? 0 : 1 + varintBytes(sequence);
  const messageBytes = sequenceBytes + 1 + varintBytes(deltaBytes) + deltaBytes;
  const frame = Buffer.allocUnsafe(prefixBytes + messageBytes);
  frame[0] = 0;
  frame.writeUInt32BE(messageBytes, 1);
  let at = prefixBytes;
  if (sequence !== 0) {
    frame[at] = sequenceTag;
    at = writeVarint(frame, sequence, at + 1);
  }
  frame[at] = partDeltaTag;
  at = writeVarint(frame, deltaBytes, at + 1);
  frame[at] = textTag;
  at = writeVarint(frame, textBytes, at + 1);
  frame.write(text, at);
  return frame;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) bytes += 1;
  return bytes;
}

/** Returns where the next byte goes. */
function writeVarint(frame: Buffer, value: number, at: number): number {
  let rest = value;
  let next = at;
  while (rest > 0x7f) {
    frame[next] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
    next += 1;
  }
  frame[next] = rest;
  return next + 1;
}
