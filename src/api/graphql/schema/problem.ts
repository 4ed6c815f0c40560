// What a change of the directory may answer in the place of what it changed: what its caller can put right. All else
// is an error as everywhere.

import { type ErrorCode, type FieldFault, GatewayError } from "../../../core/errors.ts";
import { builder } from "../builder.ts";
import { faultsOf } from "../field-faults.ts";

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

/** Where the core has another word than the schema's inputs. */
const inInputsWords = (text: string): string => text.replaceAll(/\bexpiresAtMs\b/g, "expiresAt");

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
