// Which failures say something of all that a provider serves, and which of one request alone.

import { errors } from "undici";
import { expect, test } from "vitest";
import { bodyError, requestError } from "../../../src/providers/upstream/network-error.ts";

const coded = (code: string): Error => Object.assign(new Error(`${code} 10.0.0.1:443`), { code });

test.each([
  ["ECONNREFUSED", "unavailable"],
  ["ENETUNREACH", "unavailable"],
  ["EHOSTUNREACH", "unavailable"],
  ["ENOTFOUND", "unavailable"],
  ["EAI_AGAIN", "unavailable"],
  ["CERT_HAS_EXPIRED", "unavailable"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "unavailable"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unavailable"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "unavailable"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "unavailable"],
  ["UND_ERR_CONNECT_TIMEOUT", "timeout"],
])("%s is the whole provider's", (code, failure) => {
  const error = requestError(coded(code));
  expect(error).toMatchObject({ failure, wholeProvider: true });
  expect(error.message).not.toContain("10.0.0.1");
});

test.each([
  ["ECONNRESET", "unavailable"],
  ["EPIPE", "unavailable"],
  ["UND_ERR_SOCKET", "unavailable"],
  ["ETIMEDOUT", "timeout"],
  ["UND_ERR_HEADERS_TIMEOUT", "timeout"],
  ["UND_ERR_HEADERS_OVERFLOW", "broken_reply"],
])("%s is one request's", (code, failure) => {
  expect(requestError(coded(code))).toMatchObject({ failure, wholeProvider: false });
});

test("what is no HTTP is a broken reply", () => {
  expect(requestError(new errors.HTTPParserError("Expected HTTP/"))).toMatchObject({
    failure: "broken_reply",
    wholeProvider: false,
  });
});

test("what cuts an answer says nothing of others", () => {
  for (const code of ["ECONNRESET", "ENETUNREACH", "ERR_SSL_WRONG_VERSION_NUMBER"])
    expect(bodyError(coded(code))).toMatchObject({ failure: "broken_reply", wholeProvider: false });
  expect(bodyError(coded("UND_ERR_BODY_TIMEOUT"))).toMatchObject({ failure: "timeout" });
});
