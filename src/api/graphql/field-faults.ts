// Which fields an error is about.

import { type FieldFault, GatewayError, invalidFields } from "../../core/errors.ts";

/** Of an error with but one field: that one. */
export function faultsOf({ fields, field, message }: GatewayError): readonly FieldFault[] {
  if (fields.length > 0 || field === undefined) return fields;
  const prefix = `${field}: `;
  return [{ field, message: message.startsWith(prefix) ? message.slice(prefix.length) : message }];
}

/** An `invalid_request` about the fields by other names, as the schema has them; any other error as it is. */
export function renamed(error: unknown, names: Readonly<Record<string, string>>): unknown {
  if (!(error instanceof GatewayError) || error.code !== "invalid_request") return error;
  const faults = faultsOf(error);
  if (faults.every(({ field }) => names[field] === undefined)) return error;
  return invalidFields(faults.map(({ field, message }) => ({ field: names[field] ?? field, message })));
}
