// What a change of the directory may answer in the place of what it changed: what its caller can put right. All else
// is an error as everywhere.

import { type ErrorCode, type FieldFault, GatewayError } from "../../../core/errors.ts";
import { builder } from "../builder.ts";

const isOf = (value: unknown, code: ErrorCode): boolean =>
  value instanceof GatewayError && value.code === code;

// The schema knows its errors by their classes, the gateway by their codes: each of these is a code's class, whoever
// has made the error.

class InvalidInput extends GatewayError {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isOf(value, "invalid_request");
  }
}

class Conflict extends GatewayError {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isOf(value, "conflict");
  }
}

class NotFound extends GatewayError {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isOf(value, "not_found");
  }
}

/** The `errors` of a field that changes something. */
export const problems = { types: [InvalidInput, Conflict, NotFound] };

/** Where the schema has another word than the core. */
const inputNames: Readonly<Record<string, string>> = { expiresAtMs: "expiresAt" };

const inInputsWords = (text: string): string =>
  Object.entries(inputNames).reduce(
    (said, [name, inputName]) => said.replaceAll(new RegExp(`\\b${name}\\b`, "g"), inputName),
    text,
  );

function faultsOf({ fields, field, message }: GatewayError): readonly FieldFault[] {
  if (fields.length > 0 || field === undefined) return fields;
  const prefix = `${field}: `;
  return [{ field, message: message.startsWith(prefix) ? message.slice(prefix.length) : message }];
}

const Problem = builder.interfaceRef<GatewayError>("Problem").implement({
  description: "Why something could not be done, which whoever asked can put right.",
  fields: (t) => ({
    code: t.exposeString("code", { description: "A code of the error table." }),
    message: t.string({
      description: "What is wrong and what to do, for people.",
      resolve: ({ message }) => inInputsWords(message),
    }),
  }),
});

const FieldProblem = builder.objectRef<FieldFault>("FieldProblem").implement({
  description: "What is wrong with one field.",
  fields: (t) => ({
    field: t.string({
      description: "Its path in the input, as `limits.requestsPerMinute` or `keys[2].prefix`.",
      resolve: ({ field }) => inInputsWords(field),
    }),
    message: t.string({
      description: "What is wrong and what is allowed.",
      resolve: ({ message }) => inInputsWords(message),
    }),
  }),
});

builder.objectType(InvalidInput, {
  name: "InvalidInput",
  description: "What was given is not allowed. Nothing has changed.",
  interfaces: [Problem],
  fields: (t) => ({
    fields: t.field({
      type: [FieldProblem],
      description: "Each field at fault.",
      resolve: faultsOf,
    }),
  }),
});

builder.objectType(Conflict, {
  name: "Conflict",
  description:
    "Somebody else has changed it since it was read, or has what there can be only one of. Nothing has changed.",
  interfaces: [Problem],
});

builder.objectType(NotFound, {
  name: "NotFound",
  description: "It is not there, or not the caller's to see.",
  interfaces: [Problem],
});
