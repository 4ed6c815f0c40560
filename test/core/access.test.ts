import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Presented } from "../../src/core/access/access.ts";
import { type AccessOptions, createAccess } from "../../src/core/access/create-access.ts";

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
