import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAtMost, type Role, roles } from "../../../src/core/access/permissions.ts";
import { personOf, wholeClaims } from "../../../src/identity/sso/person.ts";
import { roleOfGroups } from "../../../src/identity/sso/role-of-groups.ts";

const claims = { iss: "https://issuer.example", sub: "7" };

describe("a person", () => {
  it.each([
    [true, true],
    ["true", true],
    [false, false],
    ["false", false],
    ["yes", false],
    [null, false],
    [undefined, undefined],
  ])("whose email is said to be verified by %j", (said, verified) => {
    expect(personOf({ ...claims, email_verified: said }, "groups").emailVerified).toBe(verified);
  });

  it.each([
    ["a name", "Grace Hopper", "Grace Hopper"],
    ["no name", "", undefined],
    ["a name that shows as another", "Grace\u202ereppoH", undefined],
    ["a name of two lines", "Grace\nadmin", undefined],
    ["a name that is too long", "x".repeat(201), undefined],
    ["a name that is no text", ["Grace"], undefined],
  ])("has %s", (_, name, expected) => {
    expect(personOf({ ...claims, name }, "groups").name).toBe(expected);
  });

  it.each([
    ["a list", ["a", "b"], ["a", "b"]],
    ["one text", "a", ["a"]],
    ["a list with other things", ["a", 7, null, { name: "b" }], ["a"]],
    ["no list", { a: true }, []],
    [
      "too many",
      Array.from({ length: 1_500 }, (_, i) => `g${i}`),
      expect.toSatisfy((groups: readonly string[]) => groups.length === 1_000),
    ],
  ])("has groups by %s", (_, groups, expected) => {
    expect(personOf({ ...claims, groups }, "groups").groups).toEqual(expected);
  });

  it.each([
    [
      { email: "a@example.com" },
      { email: "b@example.com", email_verified: true },
      "a@example.com",
      undefined,
    ],
    [{ email_verified: true }, { email: "b@example.com" }, "b@example.com", undefined],
    [{ email_verified: true }, { email: "b@example.com", email_verified: false }, "b@example.com", false],
    [{ email: "a@example.com" }, { email: "a@example.com", email_verified: true }, "a@example.com", true],
    [{ email: "a@example.com", email_verified: true }, {}, "a@example.com", true],
    [{}, { email: "b@example.com", email_verified: true }, "b@example.com", true],
  ])(
    "of %j and %j has an email that is verified only where that is said of it",
    (token, more, email, verified) => {
      const person = personOf(wholeClaims(token, { ...more, groups: ["staff"] }), "groups");
      expect(person).toMatchObject({ email, emailVerified: verified, groups: ["staff"] });
    },
  );

  it("has no groups by a claim that every object has", () => {
    for (const claim of ["constructor", "__proto__", "toString"]) {
      expect(personOf(claims, claim).groups).toEqual([]);
    }
  });
});

describe("the role of groups", () => {
  const role = fc.constantFrom(...roles);
  const group = fc.oneof(fc.constantFrom("a", "b", "c", "constructor", "__proto__"), fc.string());

  it("is the highest of those that a group has, the default without one, and never platform_admin", () => {
    fc.assert(
      fc.property(
        fc.array(group),
        fc.array(fc.tuple(group, role)),
        fc.option(role, { nil: undefined }),
        (groups, mapped, defaultRole) => {
          const rolesOfGroups = Object.fromEntries(mapped);
          const given = roleOfGroups(groups, { rolesOfGroups, defaultRole });
          const own: readonly Role[] = Object.entries(rolesOfGroups)
            .filter(([name, of]) => groups.includes(name) && of !== "platform_admin")
            .map(([, of]) => of);
          expect(given).not.toBe("platform_admin");
          if (own.length === 0)
            expect(given).toBe(defaultRole === "platform_admin" ? undefined : defaultRole);
          else {
            expect(own).toContain(given);
            for (const other of own) expect(isAtMost(other, given ?? "viewer")).toBe(true);
          }
        },
      ),
    );
  });
});
