import { describe, expect, it } from "vitest";
import {
  clientSecretFault,
  groupFaults,
  issuerFault,
  scopesFault,
} from "../../../../src/core/directory/rules/sso.ts";

describe("an issuer", () => {
  it.each(["https://login.example.com", "https://login.example.com/realms/acme/", "https://[::1]:8443"])(
    "may be %s",
    (issuer) => expect(issuerFault(issuer, false)).toBeUndefined(),
  );

  it.each(["http://127.0.0.1:9000", "http://localhost:9000/oidc", "http://[::1]:9000"])(
    "on loopback may be %s, where that is allowed",
    (issuer) => {
      expect(issuerFault(issuer, true)).toBeUndefined();
      expect(issuerFault(issuer, false)).toMatch(/https/);
    },
  );

  it.each([
    "",
    "login.example.com",
    "http://login.example.com",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "ftp://login.example.com",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://",
    "https://ada:secret@login.example.com",
    "https://login.example.com?tenant=1",
    "https://login.example.com#x",
    "https://login.example.com\\@evil.example",
    "https://login.example.com/a b",
    "https://login.example.com\n",
    "HTTPS://login.example.com\0",
    `https://login.example.com/${"x".repeat(500)}`,
  ])("may not be %j", (issuer) => expect(issuerFault(issuer, true)).toBeDefined());
});

it("scopes have openid among them", () => {
  expect(scopesFault(["openid"])).toBeUndefined();
  expect(scopesFault(["profile", "openid", "https://example.com/scope"])).toBeUndefined();
  expect(scopesFault([])).toMatch(/openid/);
  expect(scopesFault(["email"])).toMatch(/openid/);
  for (const scope of ["a b", "", 'a"b', "a\\b", "é", "a\n", "x".repeat(101)]) {
    expect(scopesFault(["openid", scope])).toMatch(/at most 20 scopes/);
  }
  expect(scopesFault(["openid", ...Array(20).fill("a")])).toMatch(/at most 20/);
});

const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`g${i}`, "viewer"]));

it("groups have names and roles", () => {
  expect(groupFaults({ "CN=LLM Admins,OU=Groups": "admin", __proto_: "viewer" })).toEqual([]);
  expect(groupFaults(many(100))).toEqual([]);
  expect(groupFaults(many(101)).map(({ field }) => field)).toEqual(["rolesOfGroups"]);
  expect(groupFaults({ a: "god", "b\n": "admin" }).map(({ field }) => field)).toEqual([
    "rolesOfGroups.a",
    "rolesOfGroups",
  ]);
});

it("a client secret is a text without control characters", () => {
  expect(clientSecretFault("s3cret with spaces ü")).toBeUndefined();
  for (const secret of ["", "a\nb", "a\0", "x".repeat(2_001)])
    expect(clientSecretFault(secret)).toBeDefined();
});
