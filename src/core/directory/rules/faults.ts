// What is wrong with an input, field by field. Each rule is a pure function of one value.

import { type FieldFault, invalidFields } from "../../errors.ts";

/** What is wrong with a value and what is allowed; undefined: nothing. */
export type Fault = string | undefined;

/** Nobody reads more, and each is repeated in the message. */
const maxToldFaults = 50;

/** Of a value that was given: absent and null are not looked at. */
export function faultsOf<T>(
  field: string,
  value: T | null | undefined,
  rule: (value: T) => Fault,
): readonly FieldFault[] {
  if (value === undefined || value === null) return [];
  const message = rule(value);
  return message === undefined ? [] : [{ field, message }];
}

/** @throws GatewayError `invalid_request` that tells all of them */
export function refuse(faults: readonly FieldFault[]): void {
  if (faults.length > 0) throw invalidFields(faults.slice(0, maxToldFaults));
}
