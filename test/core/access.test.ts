import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Presented } from "../../src/core/access/access.ts";
import { type AccessOptions, createAccess } from "../../src/core/access/create-access.ts";
import type { CredentialCheck } from "../../src/core/access/credential-check.ts";
import { CredentialRefusal } from "../../src/core/access/credential-refusal.ts";
import type { AuditTrail } from "../../src/core/directory/audit.ts";
import { type ErrorCode, GatewayError } from "../../src/core/errors.ts";
import { principalOfRole } from "../support/principals.ts";

const key = "a-key-of-enough-length";
const create = (options: Partial<AccessOptions> = {}) =>
  createAccess({
    apiKeys: [],
    servesKeyless: (address) => address === "127.0.0.1",
    allowedHosts: [],
    digest: (text) => createHash("sha256").update(text).digest("hex"),
    ...options,
  });
const local: Presented = {
  credential: undefined,
  remoteAddress: "127.0.0.1",
  host: "localhost:8080",
  origin: undefined,
};

describe("access without keys", () => {
  it("serves the own machine as the tenant default", async () => {
    const access = create();
    expect(access.keyless).toBe(true);
    expect(await access.authenticate(local)).toMatchObject({
      tenantId: "default",
      environment: "live",
      keyless: true,
    });
  });

  it("serves tools that cannot be without a key, whatever they send", async () => {
    expect(await create().authenticate({ ...local, credential: "sk-anything" })).toMatchObject({
      keyless: true,
    });
  });

  const refused: [string, Partial<Presented>][] = [
    ["another network", { remoteAddress: "10.0.0.7" }],
    ["an unknown address", { remoteAddress: undefined }],
    ["a name that only resolves to loopback", { host: "evil.test:8080" }],
    ["a page of another origin", { origin: "https://evil.test" }],
    ["a page of another port", { origin: "http://localhost:3000" }],
    ["a page without an origin of its own", { origin: "null" }],
  ];
  it.each(refused)("refuses %s", async (_, presented) => {
    await expect(create().authenticate({ ...local, ...presented })).rejects.toMatchObject({
      code: "permission_denied",
    });
  });

  const served: [string, Partial<Presented>][] = [
    ["127.0.0.1", { host: "127.0.0.1:8080" }],
    ["IPv6 loopback", { host: "[::1]:8080" }],
    ["its own page", { origin: "http://localhost:8080" }],
    ["a name of ALLOWED_HOSTS", { host: "Gateway:8080" }],
  ];
  it.each(served)("serves %s", async (_, presented) => {
    const access = create({ allowedHosts: ["gateway"] });
    expect(await access.authenticate({ ...local, ...presented })).toMatchObject({ keyless: true });
  });
});

describe("access with keys", () => {
  it("knows its keys, wherever they come from", async () => {
    const access = create({ apiKeys: [key] });
    const principal = await access.authenticate({ ...local, remoteAddress: "10.0.0.7", credential: key });
    expect(principal).toMatchObject({ tenantId: "default", keyless: false });
    expect(principal.apiKeyId).toMatch(/^key_[0-9a-f]{12}$/);
    expect(principal.apiKeyId).not.toContain(key);
  });

  it.each([undefined, "", "wrong", `${key} `])("refuses the credential %j", async (credential) => {
    await expect(create({ apiKeys: [key] }).authenticate({ ...local, credential })).rejects.toMatchObject({
      code: "unauthenticated",
    });
  });
});

describe("AUTH_REQUIRED", () => {
  it("true refuses before the first key exists", async () => {
    const access = create({ authRequired: true });
    expect(access.keyless).toBe(false);
    await expect(access.authenticate(local)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("false serves without a key although there are keys, and still knows them", async () => {
    const access = create({ apiKeys: [key], authRequired: false });
    expect(await access.authenticate(local)).toMatchObject({ keyless: true });
    expect(await access.authenticate({ ...local, credential: key })).toMatchObject({ keyless: false });
  });
});

/** Takes what begins with its name; lets in whom it is told to. */
const kind = (name: string, check: CredentialCheck["check"]): CredentialCheck => ({
  handles: (credential) => credential.startsWith(name),
  check,
});
const refusing = (code: ErrorCode) => () => Promise.reject(new GatewayError({ code, message: "No." }));
const letIn = (tenantId: string) => () => Promise.resolve(principalOfRole("viewer", tenantId));

function createNoting(options: Partial<AccessOptions>) {
  const noted: Parameters<AuditTrail["note"]>[0][] = [];
  const access = create({ auditTrail: { note: (entry) => void noted.push(entry) }, ...options });
  return { access, noted };
}

describe("credentials of several kinds", () => {
  it("are asked in their order, a configured key first, and the first that takes it decides", async () => {
    const access = create({
      apiKeys: [key],
      credentials: [kind("a", letIn("first")), kind("ab", letIn("second")), kind("b", letIn("third"))],
    });
    const tenantOf = async (credential: string) =>
      (await access.authenticate({ ...local, credential, correlationId: "c" })).tenantId;
    expect(await tenantOf(key)).toBe("default");
    expect(await tenantOf("abc")).toBe("first");
    expect(await tenantOf("b")).toBe("third");
    await expect(tenantOf("c")).rejects.toMatchObject({ code: "unauthenticated" });
    expect((await access.authenticate({ ...local, credential: "b", correlationId: "c" })).origin).toEqual({
      address: "127.0.0.1",
      correlationId: "c",
    });
  });

  it("that are refused are on the trail with what is known of them, and those that cannot be checked are not", async () => {
    const refusal = new CredentialRefusal({
      reason: "expired",
      message: "Over.",
      tenantId: "red",
      target: { type: "session", id: "s" },
    });
    const { access, noted } = createNoting({
      authRequired: true,
      credentials: [
        kind("expired", () => Promise.reject(refusal)),
        kind("plain", refusing("unauthenticated")),
        kind("often", refusing("rate_limited")),
        kind("denied", refusing("permission_denied")),
        kind("away", refusing("unavailable")),
        kind("broken", () => Promise.reject(new TypeError("a fault"))),
      ],
    });
    for (const credential of ["expired", "plain", "often", "denied", "away", "broken", "nobody", undefined]) {
      await expect(access.authenticate({ ...local, credential })).rejects.toThrow();
    }
    expect(noted.map(({ kind, action, tenantId, target }) => [kind, action, tenantId, target?.id])).toEqual([
      ["refused_credential", "credential.expired", "red", "s"],
      ["refused_credential", "credential.refused", "platform", undefined],
      ["refused_credential", "credential.refused", "platform", undefined],
      ["decision", "credential.denied", "platform", undefined],
      ["refused_credential", "credential.unknown", "platform", undefined],
    ]);
    expect(JSON.stringify(noted)).not.toContain("nobody");
  });

  it("while none is asked for, count where they are good and are as none where they are not", async () => {
    const { access, noted } = createNoting({
      credentials: [
        kind("good", letIn("red")),
        kind("bad", refusing("unauthenticated")),
        kind("often", refusing("rate_limited")),
        kind("away", refusing("unavailable")),
      ],
    });
    expect(await access.authenticate({ ...local, credential: "good" })).toMatchObject({ tenantId: "red" });
    for (const credential of ["bad", "often", "x".repeat(5_000)]) {
      expect(await access.authenticate({ ...local, credential })).toMatchObject({ keyless: true });
    }
    await expect(access.authenticate({ ...local, credential: "away" })).rejects.toMatchObject({
      code: "unavailable",
    });
    await expect(
      access.authenticate({ ...local, credential: "bad", remoteAddress: "10.0.0.7" }),
    ).rejects.toMatchObject({ code: "permission_denied" });
    expect(noted).toEqual([]);
  });

  it("that are good and may not call are on the trail as a decision, and not served without one either", async () => {
    const target = { type: "user", id: "u" };
    const denial = new CredentialRefusal({ reason: "denied", message: "No.", tenantId: "red", target });
    const { access, noted } = createNoting({ credentials: [kind("d", () => Promise.reject(denial))] });
    expect(access.keyless).toBe(true);
    await expect(
      access.authenticate({ ...local, credential: "d", correlationId: "c" }),
    ).rejects.toMatchObject({
      code: "permission_denied",
    });
    expect(noted).toEqual([
      {
        tenantId: "red",
        kind: "decision",
        action: "credential.denied",
        actor: { type: "unknown", id: undefined },
        target,
        before: undefined,
        after: undefined,
        origin: { address: "127.0.0.1", correlationId: "c" },
      },
    ]);
  });

  it("longer than 8 KiB are not even looked at", async () => {
    const access = create({ authRequired: true, credentials: [kind("x", letIn("red"))] });
    expect(await access.authenticate({ ...local, credential: "x".repeat(8_192) })).toMatchObject({
      tenantId: "red",
    });
    await expect(access.authenticate({ ...local, credential: "x".repeat(8_193) })).rejects.toMatchObject({
      code: "unauthenticated",
    });
  });

  it("turn keyless off and on as the directory has keys", async () => {
    let hasKeys = false;
    const access = create({ hasApiKeys: () => hasKeys });
    expect(access.keyless).toBe(true);
    hasKeys = true;
    expect(access.keyless).toBe(false);
    await expect(access.authenticate(local)).rejects.toMatchObject({ code: "unauthenticated" });
    hasKeys = false;
    expect(await access.authenticate(local)).toMatchObject({ keyless: true });
  });
});
