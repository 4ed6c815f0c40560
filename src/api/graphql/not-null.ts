// Fields that may be left out, but have no default that null could stand for.

import { type FieldFault, invalidFields } from "../../core/errors.ts";

export const nullsAmong = <T extends object>(
  input: T,
  fields: readonly (keyof T & string)[],
): readonly FieldFault[] =>
  fields
    .filter((field) => input[field] === null)
    .map((field) => ({ field, message: "may not be null. Leave it out, or say what it is to be." }));

/** @throws GatewayError `invalid_request` that tells each of them that is null */
export function checkNotNull<T extends object>(input: T, fields: readonly (keyof T & string)[]): void {
  const faults = nullsAmong(input, fields);
  if (faults.length > 0) throw invalidFields(faults);
}
