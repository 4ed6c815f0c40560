// An administration over a directory, with all that a test looks at afterwards.

import { createHash, getRandomValues, randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Permission } from "../../../src/core/access/permissions.ts";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { Administration } from "../../../src/core/directory/administration.ts";
import type { AdministrationPorts } from "../../../src/core/directory/administration-steps.ts";
import type { UndatedEntry } from "../../../src/core/directory/audit-entry.ts";
import { createAdministration } from "../../../src/core/directory/create-administration.ts";
import type { DirectoryStore } from "../../../src/core/directory/directory-store.ts";
import type { ApiKey, Tenant, User } from "../../../src/core/directory/entries.ts";
import type { DirectorySecrets } from "../../../src/core/directory/secrets.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { createIdSource } from "../../../src/core/ids.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
import { openDirectory } from "./open-directory.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Quick ones: what they are made of is not tested here. */
export const secrets: DirectorySecrets = {
  newApiKey(environment) {
    const secret = `slc_${environment}_${randomBytes(16).toString("hex")}`;
    return { secret, prefix: secret.slice(0, 16), hash: { keyId: "k1", hash: digest(secret) } };
  },
  hashPassword: async (password) => `$digest$${digest(password)}`,
  verifyPassword: async (password, hash) => hash === `$digest$${digest(password)}`,
  sealClientSecret: (secret, tenantId) => ({
    keyId: tenantId,
    nonce: new Uint8Array(12),
    ciphertext: Uint8Array.from(Buffer.from(secret), (byte) => byte ^ 0xff),
  }),
  keyIds: () => ["k1", "k2"],
  openClientSecret: ({ ciphertext }) => Buffer.from(ciphertext.map((byte) => byte ^ 0xff)).toString(),
};

export interface Administered {
  readonly directory: DirectoryStore;
  readonly administration: Administration;
  readonly clock: ManualClock;
  /** What was noted beside changes. */
  readonly noted: UndatedEntry[];
  readonly faults: unknown[];
  /** How often the gateway was told to forget. */
  readonly forgotten: () => number;
}

export const nowMs = 1_750_000_000_000;
export const password = "a long enough one";

export async function administered(
  ports: Partial<AdministrationPorts> = {},
  directory?: DirectoryStore,
): Promise<Administered> {
  const kept = directory ?? (await openDirectory());
  const clock = createManualClock(nowMs);
  const noted: UndatedEntry[] = [];
  const faults: unknown[] = [];
  let forgotten = 0;
  const administration = createAdministration({
    store: kept,
    secrets,
    trail: { note: (entry) => void noted.push(entry) },
    newId: createIdSource({ clock, fillRandom: (bytes) => void getRandomValues(bytes) }),
    clock,
    reportFault: (error) => void faults.push(error),
    changed: async () => void (forgotten += 1),
    allowsLoopbackIssuers: false,
    staysKeyless: false,
    ...ports,
  });
  const [own] = await kept.tenantsById(["default"]);
  if (own === undefined) {
    await administration.createTenant(keylessPrincipal, { id: "default", name: "The gateway's own" });
    forgotten = 0;
  }
  return { directory: kept, administration, clock, noted, faults, forgotten: () => forgotten };
}

/** The same store, with some answers of its own. */
export const withAnswers = (store: DirectoryStore, answers: Partial<DirectoryStore>): DirectoryStore =>
  Object.assign(Object.create(store), answers);

export const platform: Principal = { ...principalOfRole("platform_admin"), origin: { address: "192.0.2.7" } };

export const ofKey = (permissions: readonly Permission[], tenantId = "acme"): Principal => ({
  tenantId,
  apiKeyId: "0197a000-0000-7000-8000-000000000001",
  environment: "live",
  keyless: false,
  permissions: new Set(permissions),
});

export const ofUser = ({ id, tenantId, role }: User): Principal => ({
  ...principalOfRole(role, tenantId),
  userId: id,
  sessionId: `0197a000-0000-7000-8000-${id.slice(-12)}`,
});

export const makeTenant = ({ administration }: Administered, id = "acme"): Promise<Tenant> =>
  administration.createTenant(platform, { id, name: id });

let people = 0;

export const makeUser = (
  { administration }: Administered,
  input: Partial<Parameters<Administration["createUser"]>[1]> = {},
): Promise<User> => {
  people += 1;
  return administration.createUser(platform, {
    tenantId: "acme",
    email: `person-${people}@example.com`,
    role: "developer",
    ...input,
  });
};

export const makeKey = async (
  { administration }: Administered,
  input: Partial<Parameters<Administration["createApiKey"]>[1]> = {},
): Promise<ApiKey> =>
  (await administration.createApiKey(platform, { tenantId: "acme", name: "a key", ...input })).apiKey;

/** The error of what is refused. */
export async function refusal(asked: Promise<unknown>): Promise<GatewayError> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GatewayError)) throw new Error(`It was not refused: ${String(error)}`);
  return error;
}

export const fieldsOf = ({ fields }: GatewayError): readonly string[] => fields.map(({ field }) => field);

/** The newest entry of a trail. */
export async function lastEntry({ directory }: Administered, tenantId = "acme") {
  const { entries } = await directory.audit({ tenantId, first: 1, after: undefined });
  const [entry] = entries;
  expect(entry).toBeDefined();
  return entry;
}

/** Runs what is refused, and sees that it changed nothing. */
export async function refusedWithoutChange(
  { directory, forgotten }: Administered,
  asked: () => Promise<unknown>,
): Promise<GatewayError> {
  const before = await directory.changesSince(0);
  const forgottenBefore = forgotten();
  const error = await refusal(asked());
  expect((await directory.changesSince(0)).version).toBe(before.version);
  expect(forgotten()).toBe(forgottenBefore);
  return error;
}
