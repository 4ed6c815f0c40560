// An error as logs keep it: what its caller was told, never its cause or its stack.

import {
  errorTable,
  type FailedAttempt,
  type FieldFault,
  GatewayError,
  type GatewayErrorOptions,
} from "./errors.ts";
import { listOf, malformed, objectOf, optional } from "./json-form.ts";
import type { JsonValue } from "./json.ts";
import { finiteNumber, text, wholeNumber, wordOf } from "./json-values.ts";
import { replyMetaForm } from "./reply-json.ts";

/** The members of GatewayErrorOptions that are told; an error always has both lists. */
interface Told extends Omit<GatewayErrorOptions, "cause" | "limits"> {
  readonly fields: readonly FieldFault[];
  readonly attempts: readonly FailedAttempt[];
}

const toldForm = objectOf<Told>({
  code: wordOf(errorTable),
  message: text,
  field: optional(text),
  fields: listOf(objectOf<FieldFault>({ field: text, message: text })),
  retryAfterMs: optional(finiteNumber),
  attempts: listOf(
    objectOf<FailedAttempt>({
      provider: text,
      model: text,
      failure: text,
      message: text,
      httpStatus: optional(wholeNumber),
    }),
  ),
  meta: optional(replyMetaForm),
});

export const writeError = (error: GatewayError): JsonValue => toldForm.write(error);

/** Undefined for what is no such error, as another version or a fault wrote it. */
export function readError(json: JsonValue): GatewayError | undefined {
  const told = toldForm.read(json);
  return told === malformed ? undefined : new GatewayError(told);
}
