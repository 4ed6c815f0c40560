// What undici and the system call their failures, as the core's classes. No address gets into a message: callers
// see it.

import { errors } from "undici";
import { ProviderError } from "../../core/provider-error.ts";
import type { FailureClass } from "../../core/provider-error.ts";
import { addressRefused } from "./checked-address.ts";

interface Known {
  readonly failure: FailureClass;
  readonly message: string;
  /** It is the same for all that is asked there. */
  readonly wholeProvider?: true;
}

const noWay: Known = {
  failure: "unavailable",
  message: "The provider's host cannot be reached from here. Check its base URL and this machine's network.",
  wholeProvider: true,
};

const byCode: ReadonlyMap<string, Known> = new Map([
  [
    "ECONNREFUSED",
    { failure: "unavailable", message: "The provider refused the connection.", wholeProvider: true },
  ],
  [
    "ENOTFOUND",
    {
      failure: "unavailable",
      message: "The provider's host name is not known. Check its base URL.",
      wholeProvider: true,
    },
  ],
  [
    "EAI_AGAIN",
    {
      failure: "unavailable",
      message: "The provider's host name could not be looked up.",
      wholeProvider: true,
    },
  ],
  [
    addressRefused,
    {
      failure: "authentication",
      message:
        "The provider's host is in a network that is not called for providers that were added at run time. Use a " +
        "public address, or name the network in EGRESS_NETWORKS.",
      wholeProvider: true,
    },
  ],
  ["ENETUNREACH", noWay],
  ["EHOSTUNREACH", noWay],
  ["ETIMEDOUT", { failure: "timeout", message: "The connection to the provider timed out." }],
  [
    "UND_ERR_CONNECT_TIMEOUT",
    { failure: "timeout", message: "The connection to the provider timed out.", wholeProvider: true },
  ],
  [
    "UND_ERR_HEADERS_TIMEOUT",
    { failure: "timeout", message: "The provider did not begin its answer in time." },
  ],
  ["UND_ERR_BODY_TIMEOUT", { failure: "timeout", message: "The provider sent nothing more for too long." }],
  [
    "UND_ERR_HEADERS_OVERFLOW",
    { failure: "broken_reply", message: "The provider's answer has too long headers." },
  ],
  [
    "UND_ERR_INVALID_ARG",
    {
      failure: "authentication",
      message:
        "The request to the provider could not be written. Check its base URL and API key for stray characters.",
    },
  ],
  ["UND_ERR_CLOSED", { failure: "unavailable", message: "The provider's connections are closed." }],
  ["UND_ERR_DESTROYED", { failure: "unavailable", message: "The provider's connections are closed." }],
]);

/** Before the answer's headers: what made a request fail. */
export function requestError(error: unknown): ProviderError {
  const code = codeOf(error);
  const known = code === undefined ? undefined : byCode.get(code);
  if (known !== undefined) return new ProviderError({ ...known, ownWords: true, cause: error });
  if (error instanceof errors.HTTPParserError) {
    return new ProviderError({
      failure: "broken_reply",
      message: "The provider's answer is not HTTP/1.1. Check its base URL.",
      ownWords: true,
      cause: error,
    });
  }
  const named = code === undefined ? "" : ` (${code})`;
  const isTls = code !== undefined && tlsPattern.test(code);
  return new ProviderError({
    failure: "unavailable",
    wholeProvider: isTls,
    message: isTls
      ? `No trusted TLS connection to the provider${named}.`
      : `The connection to the provider broke before its answer${named}.`,
    ownWords: true,
    cause: error,
  });
}

/** After them: what cut the answer. */
export function bodyError(error: unknown): ProviderError {
  const code = codeOf(error);
  const known = code === undefined ? undefined : byCode.get(code);
  if (known?.failure === "timeout") return new ProviderError({ ...known, ownWords: true, cause: error });
  return new ProviderError({
    failure: "broken_reply",
    message: `The provider's answer was cut${code === undefined ? "" : ` (${code})`}.`,
    ownWords: true,
    cause: error,
  });
}

const tlsPattern =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$|HOSTNAME_MISMATCH$)/;

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
