// What the checks say of an entry, as callers of a change are told it.

import { GatewayError, invalidRequest } from "../../core/errors.ts";
import { ConfigurationError } from "../configuration.ts";
import { providerKeys } from "../provider-schema.ts";

/** With it begins what the checks say of a field. */
export const place = "input";

/** Without the place. */
export const messageOf = ({ message }: ConfigurationError): string =>
  message.startsWith(`${place}.`) || message.startsWith(`${place}: `)
    ? message.slice(place.length + 1).trimStart()
    : message;

/** Runs a check; a fault of a field becomes `invalid_request` that names it. */
export function checked<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const [, field, text] = /^input\.([\w[\].-]+): (.*)$/s.exec(error.message) ?? [];
    if (field === undefined || text === undefined) throw invalidRequest(place, messageOf(error));
    throw new GatewayError({ code: "invalid_request", field, message: `${field}: ${text}`, cause: error });
  }
}

/** The same of a provider, where what only its kind has stands in `settings`. */
export function checkedProvider<T>(check: () => T): T {
  try {
    return checked(check);
  } catch (error) {
    if (!(error instanceof GatewayError) || error.field === undefined || error.field === place) throw error;
    const [key = ""] = error.field.split(/[.[]/);
    if (key === "name" || providerKeys.includes(key)) throw error;
    const { code, message, field, cause } = error;
    throw new GatewayError({ code, field: `settings.${field}`, message: `settings.${message}`, cause });
  }
}
