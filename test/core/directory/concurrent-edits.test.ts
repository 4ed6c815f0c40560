import { describe, expect, it } from "vitest";
import type { Administration, Edit } from "../../../src/core/directory/administration.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { principalOfRole } from "../../support/principals.ts";
import { administered, type Administered, makeKey, makeTenant, makeUser, platform } from "./administered.ts";
import { directories, openDirectory } from "./open-directory.ts";

const owner = principalOfRole("owner", "acme");

type Versioned = { readonly id: string; readonly version: number };

interface Editable {
  readonly make: (all: Administered) => Promise<Versioned>;
  readonly edit: (to: Administration, id: string, edit: Edit & { readonly name: string }) => Promise<unknown>;
  readonly nameOf: (to: Administration, id: string) => Promise<string | undefined>;
}

const editables: Readonly<Record<string, Editable>> = {
  tenant: {
    make: async ({ administration }) =>
      (await administration.tenantsById(owner, ["acme"]))[0] ?? { id: "", version: 0 },
    edit: (to, id, edit) => to.updateTenant(owner, id, edit),
    nameOf: async (to, id) => (await to.tenantsById(owner, [id]))[0]?.name,
  },
  user: {
    make: (all) => makeUser(all),
    edit: (to, id, edit) => to.updateUser(owner, id, edit),
    nameOf: async (to, id) => (await to.usersById(owner, [id]))[0]?.name,
  },
  key: {
    make: (all) => makeKey(all),
    edit: (to, id, edit) => to.updateApiKey(owner, id, edit),
    nameOf: async (to, id) => (await to.apiKeysById(owner, [id]))[0]?.name,
  },
  "sign-on": {
    async make({ administration }) {
      const input = { issuer: "https://login.example.com", clientId: "first" };
      return { id: "acme", version: (await administration.setSsoConfig(owner, input)).version };
    },
    edit: (to, _, { version, name }) => to.setSsoConfig(owner, { version, clientId: name }),
    nameOf: async (to) => (await to.ssoConfig(owner))?.clientId,
  },
};

async function inAcme(on: (typeof directories)[number]): Promise<Administered> {
  const all = await administered({}, await openDirectory(on));
  await makeTenant(all);
  return all;
}

describe.each(directories)("in %s", (on) => {
  describe.each(Object.entries(editables))("of two who edit one %s", (_, { make, edit, nameOf }) => {
    it("with the same version one wins, and the other is told so", async () => {
      const all = await inAcme(on);
      const { id, version } = await make(all);
      const names = Array.from({ length: 8 }, (_, i) => `editor ${i}`);
      const ends = await Promise.allSettled(
        names.map((name) => edit(all.administration, id, { version, name })),
      );
      const winners = names.filter((_, i) => ends[i]?.status === "fulfilled");
      expect(winners).toHaveLength(1);
      expect(await nameOf(all.administration, id)).toBe(winners[0]);
      for (const end of ends) {
        if (end.status === "rejected")
          expect(end.reason).toMatchObject({ code: "conflict", field: "version" });
      }
      const { entries } = await all.directory.audit({ tenantId: "acme", first: 200, after: undefined });
      expect(entries.filter(({ action }) => action.endsWith(".update"))).toHaveLength(1);
    });
  });

  describe("of two who make the same at once", () => {
    it.each([
      ["tenant", (to: Administration) => to.createTenant(platform, { id: "new", name: "New" })],
      ["user", (to: Administration) => to.createUser(owner, { email: "a@example.com", role: "viewer" })],
      [
        "sign-on",
        (to: Administration) =>
          to.setSsoConfig(owner, { issuer: "https://login.example.com", clientId: "a" }),
      ],
    ] as const)("one makes the %s", async (_, make) => {
      const all = await inAcme(on);
      const ends = await Promise.allSettled(Array.from({ length: 5 }, () => make(all.administration)));
      expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const end of ends) {
        if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "conflict" });
      }
    });

    it("one rotates the key, so that no secret was shown that does not work", async () => {
      const all = await inAcme(on);
      const { id, version } = await makeKey(all);
      const ends = await Promise.allSettled(
        Array.from({ length: 5 }, () =>
          all.administration.rotateApiKey(owner, id, { version, overlapSeconds: 60 }),
        ),
      );
      const shown = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
      expect(shown).toHaveLength(1);
      expect((await all.administration.apiKeysById(owner, [id]))[0]?.prefix).toBe(shown[0]?.apiKey.prefix);
    });
  });

  it("nothing is lost of editors who read again when they are told to", async () => {
    const all = await inAcme(on);
    const { id } = await makeKey(all, { allowedModels: [] });
    const { administration } = all;
    const models = Array.from({ length: 12 }, (_, i) => `model-${i}`);

    async function add(model: string): Promise<void> {
      for (;;) {
        const [key] = await administration.apiKeysById(owner, [id]);
        const { version = 0, allowedModels = [] } = key ?? {};
        try {
          await administration.updateApiKey(owner, id, { version, allowedModels: [...allowedModels, model] });
          return;
        } catch (error) {
          if (!(error instanceof GatewayError) || error.code !== "conflict") throw error;
        }
      }
    }

    await Promise.all(models.map((model) => add(model)));
    const [key] = await administration.apiKeysById(owner, [id]);
    expect(key?.allowedModels?.toSorted()).toEqual(models.toSorted());
    expect(await administration.verifyAudit(owner)).toMatchObject({
      intact: true,
      entries: 2 + models.length,
    });
  });
});
