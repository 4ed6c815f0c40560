import { describe, expect, it } from "vitest";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
import {
  administered,
  fieldsOf,
  lastEntry,
  makeKey,
  makeTenant,
  makeUser,
  ofKey,
  platform,
  refusal,
  refusedWithoutChange,
} from "./administered.ts";

const owner = principalOfRole("owner", "acme");

describe("a new tenant", () => {
  it("has the defaults, and an entry in its own trail", async () => {
    const all = await administered();
    const { administration, forgotten } = all;
    const tenant = await administration.createTenant(platform, { id: "acme", name: "Acme" });
    expect(tenant).toMatchObject({ id: "acme", name: "Acme", active: true, timeZone: "UTC" });
    expect(tenant).toMatchObject({ limits: {}, budget: {}, allowedModels: undefined, logging: undefined });
    expect(tenant.cacheTtlSeconds).toBeUndefined();
    expect(await administration.tenantsById(platform, ["acme"])).toEqual([tenant]);
    expect(forgotten()).toBe(1);
    expect(await lastEntry(all)).toMatchObject({
      kind: "change",
      action: "tenant.create",
      target: { type: "tenant", id: "acme" },
      actor: { type: "user" },
      origin: { address: "192.0.2.7" },
      before: undefined,
      after: { name: "Acme", active: true, timeZone: "UTC", budget: {} },
      count: 1,
    });
  });

  it("has what is said of it", async () => {
    const { administration } = await administered();
    const said = {
      contactEmail: "ops@acme.example",
      timeZone: "Europe/Berlin",
      limits: { requestsPerMinute: 10, tokensPerMinute: 20, concurrentStreams: 3 },
      budget: { hardNanos: 2n ** 63n - 1n, softNanos: 0n },
      allowedModels: ["groq/*"],
      allowedProviders: [],
      logging: { bodies: "none", redact: true, retentionDays: 30 },
      cacheTtlSeconds: 0,
    } as const;
    const tenant = await administration.createTenant(platform, { id: "acme", name: "Acme", ...said });
    expect(tenant).toMatchObject(said);
    expect(await administration.tenantsById(platform, ["acme"])).toEqual([tenant]);
  });

  it("is told all that is wrong with it at once", async () => {
    const all = await administered();
    const error = await refusedWithoutChange(all, () =>
      all.administration.createTenant(platform, {
        id: "ACME",
        name: "a\nb",
        contactEmail: "\u0430da@example.com",
        timeZone: "Mars",
        limits: { requestsPerMinute: 0, tokensPerMinute: -1, concurrentStreams: 1.5 },
        budget: { hardNanos: -1n, softNanos: 2n ** 63n },
        allowedModels: ["", "ok"],
        allowedProviders: ["\0"],
        logging: { bodies: "full", redact: true, retentionDays: 0 },
        cacheTtlSeconds: 2_592_001,
      }),
    );
    expect(error.code).toBe("invalid_request");
    expect(fieldsOf(error)).toEqual([
      "id",
      "name",
      "contactEmail",
      "timeZone",
      "limits.requestsPerMinute",
      "limits.tokensPerMinute",
      "limits.concurrentStreams",
      "budget.hardNanos",
      "budget.softNanos",
      "budget.softNanos",
      "allowedModels[0]",
      "allowedProviders[0]",
      "logging.retentionDays",
      "cacheTtlSeconds",
    ]);
  });

  it("is not given a name that another one has or had", async () => {
    const all = await administered();
    const { version } = await makeTenant(all);
    const again = () => all.administration.createTenant(platform, { id: "acme", name: "Acme" });
    expect(await refusedWithoutChange(all, again)).toMatchObject({ code: "conflict", field: "id" });
    await all.administration.deleteTenant(platform, "acme", { version });
    expect(await refusedWithoutChange(all, again)).toMatchObject({ code: "conflict", field: "id" });
  });

  it("may be made by nobody else, and not with grants that its maker cannot give", async () => {
    const all = await administered();
    for (const by of [owner, principalOfRole("admin", "default"), ofKey(["tenants:update"])]) {
      const error = await refusedWithoutChange(all, () =>
        all.administration.createTenant(by, { id: "new", name: "New" }),
      );
      expect(error).toMatchObject({ code: "permission_denied" });
      expect(error.message).toContain("tenants:create");
    }
    const key = ofKey(["tenants:create", "tenants:act_as"], "default");
    await all.administration.createTenant(key, { id: "new", name: "New" });
    const error = await refusal(
      all.administration.createTenant(key, { id: "other", name: "Other", budget: { hardNanos: 1n } }),
    );
    expect(error.message).toContain("budgets:update");
  });
});

describe("a change of a tenant", () => {
  it("leaves what it does not name, and null is the default", async () => {
    const all = await administered();
    const { administration } = all;
    const made = await administration.createTenant(platform, {
      id: "acme",
      name: "Acme",
      contactEmail: "ops@acme.example",
      limits: { requestsPerMinute: 1, tokensPerMinute: 2 },
      budget: { hardNanos: 5n, softNanos: 4n },
      allowedModels: ["a"],
      cacheTtlSeconds: 60,
    });
    const { version } = made;
    expect(made.cacheTtlSeconds).toBe(60);
    const changed = await administration.updateTenant(platform, "acme", {
      version,
      contactEmail: null,
      limits: { requestsPerMinute: null, concurrentStreams: 7 },
      budget: null,
      allowedModels: [],
      cacheTtlSeconds: null,
    });
    expect(changed).toMatchObject({ name: "Acme", contactEmail: undefined, budget: {}, allowedModels: [] });
    expect(changed.cacheTtlSeconds).toBeUndefined();
    expect(changed.limits).toEqual({
      requestsPerMinute: undefined,
      tokensPerMinute: 2,
      concurrentStreams: 7,
    });
    expect(changed.version).toBeGreaterThan(version);
    expect(await lastEntry(all)).toMatchObject({
      action: "tenant.update",
      before: {
        contactEmail: "ops@acme.example",
        limits: { requestsPerMinute: 1 },
        budget: { hardNanos: "5", softNanos: "4" },
        allowedModels: ["a"],
        cacheTtlSeconds: 60,
      },
      after: { limits: { concurrentStreams: 7 }, budget: {}, allowedModels: [] },
    });
    expect((await lastEntry(all))?.before).not.toHaveProperty("name");
  });

  it("that changes nothing writes nothing", async () => {
    const all = await administered();
    const made = await makeTenant(all);
    const before = all.forgotten();
    expect(
      await all.administration.updateTenant(platform, "acme", { version: made.version, name: "acme" }),
    ).toEqual(made);
    expect(all.forgotten()).toBe(before);
  });

  it("is an owner's in its name, contact, logging and cache, and no more", async () => {
    const all = await administered();
    const { version } = await makeTenant(all);
    const logging = { bodies: "metadata", redact: false } as const;
    const changed = await all.administration.updateTenant(owner, "acme", {
      version,
      name: "ACME",
      contactEmail: "Ops@Acme.example",
      logging,
      cacheTtlSeconds: 0,
    });
    expect(changed).toMatchObject({
      name: "ACME",
      contactEmail: "ops@acme.example",
      logging,
      cacheTtlSeconds: 0,
    });
    for (const grant of [
      { active: false },
      { active: true },
      { timeZone: "UTC" },
      { limits: null },
      { budget: { hardNanos: 1n } },
      { budget: null },
      { allowedModels: null },
      { allowedProviders: ["*"] },
    ]) {
      const error = await refusedWithoutChange(all, () =>
        all.administration.updateTenant(owner, "acme", { version: changed.version, ...grant }),
      );
      expect(error).toMatchObject({ code: "permission_denied" });
      expect(error.message).toContain("budgets:update");
    }
  });

  it("looks at what a half of a budget stands beside", async () => {
    const all = await administered();
    const { administration } = all;
    const { version } = await administration.createTenant(platform, {
      id: "acme",
      name: "Acme",
      budget: { hardNanos: 5n },
    });
    const error = await refusedWithoutChange(all, () =>
      administration.updateTenant(platform, "acme", { version, budget: { softNanos: 6n } }),
    );
    expect(fieldsOf(error)).toEqual(["budget.softNanos"]);
    await administration.updateTenant(platform, "acme", { version, budget: { softNanos: 5n } });
  });

  it("of another version is a conflict", async () => {
    const all = await administered();
    const { version } = await makeTenant(all);
    for (const stale of [version - 1, version + 1, 0, Number.NaN]) {
      const error = await refusedWithoutChange(all, () =>
        all.administration.updateTenant(platform, "acme", { version: stale, name: "B" }),
      );
      expect(error).toMatchObject({ code: "conflict", field: "version" });
      expect(error.message).toContain(String(version));
    }
  });
});

describe("the tenant default", () => {
  it("stays, and stays active", async () => {
    const all = await administered();
    const [tenant] = await all.administration.tenantsById(platform, ["default"]);
    const version = tenant?.version ?? 0;
    for (const by of [platform, keylessPrincipal]) {
      const inactive = () => all.administration.updateTenant(by, "default", { version, active: false });
      const error = await refusedWithoutChange(all, inactive);
      expect(fieldsOf(error)).toEqual(["active"]);
      const deleted = () => all.administration.deleteTenant(by, "default", { version });
      expect(await refusedWithoutChange(all, deleted)).toMatchObject({
        code: "invalid_request",
        field: "id",
      });
    }
  });
});

describe("a tenant that is deleted", () => {
  it("takes what it has with it, and leaves its trail", async () => {
    const all = await administered();
    const { administration } = all;
    const { version } = await makeTenant(all);
    const user = await makeUser(all);
    const key = await makeKey(all);
    const gone = await administration.deleteTenant(platform, "acme", { version });
    expect(gone).toMatchObject({ id: "acme", version });
    expect(await administration.tenantsById(platform, ["acme"])).toEqual([undefined]);
    expect(await administration.usersById(platform, [user.id])).toEqual([undefined]);
    expect(await administration.apiKeysById(platform, [key.id])).toEqual([undefined]);
    const { entries } = await administration.auditLog(platform, { first: 10, tenantId: "acme" });
    expect(entries.map(({ action }) => action)).toEqual([
      "tenant.delete",
      "api_key.create",
      "user.create",
      "tenant.create",
    ]);
    expect(entries[0]).toMatchObject({ before: { name: "acme" }, after: undefined });
    expect(await administration.verifyAudit(platform, "acme")).toMatchObject({ intact: true, entries: 4 });
  });
});
