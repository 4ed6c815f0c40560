// How many messages a long message of protobuf holds. Each takes two bytes on the wire and a hundred or more in
// memory: thirty megabytes of empty ones would take gigabytes.

import type { DescMessage } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** What a field's bytes hold, if they are a message: by the field's number. */
type Shape = (fieldNumber: number) => Shape | undefined;

/** Whether it holds more, those within others and the entries of maps counted too. */
export function hasMoreMessages(schema: DescMessage, bytes: Uint8Array, most: number): boolean {
  if (bytes.length <= 2 * most) return false;
  const reader = new BinaryReader(bytes);
  const shapes = new Map<DescMessage, Shape>();
  let messages = 0;

  /** Ends at bytes that are no message; whoever decodes them says so. */
  function count(shape: Shape, end: number): void {
    while (reader.pos < end && messages <= most) {
      const [fieldNumber, wireType] = reader.tag();
      const inner = wireType === WireType.LengthDelimited ? shape(fieldNumber) : undefined;
      if (inner === undefined) {
        reader.skip(wireType, fieldNumber);
        continue;
      }
      messages += 1;
      const length = reader.uint32();
      count(inner, Math.min(end, reader.pos + length));
    }
  }

  try {
    count(shapeOf(schema, shapes), bytes.length);
  } catch {
    // Not well-formed, or nested deeper than the stack: decoding refuses both.
  }
  return messages > most;
}

function shapeOf(schema: DescMessage, known: Map<DescMessage, Shape>): Shape {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const fields = new Map<number, Shape>();
  const shape: Shape = (fieldNumber) => fields.get(fieldNumber);
  known.set(schema, shape);
  for (const field of schema.fields) {
    const inner = field.message === undefined ? undefined : shapeOf(field.message, known);
    if (field.fieldKind === "map") fields.set(field.number, (number) => (number === 2 ? inner : undefined));
    else if (inner !== undefined) fields.set(field.number, inner);
  }
  return shape;
}
