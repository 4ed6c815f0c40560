import type { FailureClass } from "../core/provider-error.ts";
import { tidyVendorText } from "./upstream/vendor-text.ts";

export interface ToldFailure {
  readonly vendorName: string;
  /** Of the answer; absent for an error in mid-stream. */
  readonly status?: number | undefined;
  /** The vendor's name for the error, as `overloaded_error`. */
  readonly type?: string | undefined;
  /** The vendor's words, tidied already; empty where nothing helps. */
  readonly words: string;
  readonly failure: FailureClass;
  /** What to do about a refused credential. */
  readonly advice?: string | undefined;
}

/** What happened, in the vendor's words, and what to do where the provider's configuration is at fault. */
export function failureMessage({
  vendorName,
  status = 200,
  type = "",
  words,
  failure,
  advice = "Check this provider's API key and account.",
}: ToldFailure): string {
  const head = status < 400 ? `${vendorName} sent an error` : `${vendorName} answered with status ${status}`;
  const said = `${head}${type === "" ? "" : ` (${tidyVendorText(type)})`}${words === "" ? "." : `: ${words}`}`;
  if (failure !== "authentication") return said;
  return `${said}${/[.!?…]$/.test(said) ? "" : "."} ${advice}`;
}
