// The failure that a recorded error of Gemini's must give: deliberately separate from the adapter, from the status
// words in google/rpc/code.proto and what ai.google.dev/gemini-api/docs/troubleshooting says of them.

import type { FailureClass } from "../../../src/core/provider-error.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import type { ExpectedFailure } from "./expectation.ts";
import { at, listOf, parseJson, textOf } from "./json-view.ts";

export function geminiHttpFailure({ status, body }: RecordedCase): ExpectedFailure {
  const error = at(parseJson(body), "error");
  return { classes: [classOf(error)], httpStatus: status, retryAfterMs: retryAfterOf(error) };
}

/** For a stream that is not whole: its error, or none where it was cut. */
export const geminiStreamFailure = (error: unknown): ExpectedFailure => ({
  classes: error === undefined ? ["broken_reply"] : [classOf(error)],
});

const classes: Readonly<Record<string, FailureClass>> = {
  INVALID_ARGUMENT: "caller_fault",
  PERMISSION_DENIED: "authentication",
  NOT_FOUND: "model_unavailable",
  RESOURCE_EXHAUSTED: "rate_limited",
  CANCELLED: "unavailable",
  INTERNAL: "unavailable",
  UNAVAILABLE: "overloaded",
};

function classOf(error: unknown): FailureClass {
  const message = textOf(at(error, "message")) ?? "";
  // Two faults that come as INVALID_ARGUMENT are none of the caller's.
  if (message.startsWith("API key not valid")) return "authentication";
  if (message.startsWith("The input token count")) return "model_unavailable";
  const found = classes[textOf(at(error, "status")) ?? ""];
  if (found === undefined) throw new Error(`unread error: ${JSON.stringify(error)}`);
  return found;
}

function retryAfterOf(error: unknown): number | undefined {
  const info = listOf(at(error, "details")).find((detail) =>
    textOf(at(detail, "@type"))?.endsWith("/google.rpc.RetryInfo"),
  );
  const delay = textOf(at(info, "retryDelay"));
  return delay === undefined ? undefined : Number(delay.slice(0, -1)) * 1000;
}
