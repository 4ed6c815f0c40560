// What an error's status says where the vendor's own words for it do not. Source: RFC 9110, 15.5 and 15.6

import type { FailureClass } from "../core/provider-error.ts";

const byStatus: ReadonlyMap<number, FailureClass> = new Map([
  [401, "authentication"],
  [402, "authentication"],
  [403, "authentication"],
  [404, "model_unavailable"],
  [408, "timeout"],
  [409, "unavailable"],
  [424, "unavailable"],
  [425, "unavailable"],
  [429, "rate_limited"],
  // Not the RFC's: no capacity in the tier that was asked for.
  [498, "overloaded"],
  // Not the RFC's: cancelled on the vendor's side.
  [499, "unavailable"],
  [501, "model_unavailable"],
  [503, "overloaded"],
  [504, "timeout"],
  // Not the RFC's: the site is overloaded.
  [529, "overloaded"],
]);

/** Undefined for a status that tells no more than whose fault it is, as 400 and 500: see `failureOfRange`. */
export const failureOfStatus = (status: number): FailureClass | undefined => byStatus.get(status);

/** Undefined below 400: an error that stands inside another answer. */
export function failureOfRange(status: number): "unavailable" | "caller_fault" | undefined {
  if (status >= 500) return "unavailable";
  return status >= 400 ? "caller_fault" : undefined;
}
