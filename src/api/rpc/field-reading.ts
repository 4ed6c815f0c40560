// Fields whose protobuf form says "absent" by an empty value, and enums, whose numbers may be any.

import { invalidRequest } from "../../core/errors.ts";

export const textOrAbsent = (text: string): string | undefined => (text === "" ? undefined : text);

export const entriesOrAbsent = <T>(list: readonly T[]): readonly T[] | undefined =>
  list.length === 0 ? undefined : list;

export const membersOrAbsent = <T>(
  map: Readonly<Record<string, T>>,
): Readonly<Record<string, T>> | undefined => (Object.keys(map).length === 0 ? undefined : map);

/**
 * A reader of one enum: the core's name for a number, by the names given.
 * The reader throws GatewayError `invalid_request` for a number without an entry.
 */
export function createEnumReader<T>(options: {
  readonly names: Readonly<Record<number, T>>;
  /** What may be sent, for the message. */
  readonly allowed: string;
}): (field: string, value: number) => T {
  const names = new Map(Object.entries(options.names).map(([number, name]) => [Number(number), { name }]));
  return (field, value) => {
    const found = names.get(value);
    if (found === undefined) throw invalidRequest(field, `must be ${options.allowed}, not ${value}`);
    return found.name;
  };
}
