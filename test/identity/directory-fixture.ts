// A directory in memory with its watch, its keys and access to the gateway, as they are put together; and what a test
// has to do with it in few words.

import { createHash } from "node:crypto";
import { createKeyRing } from "../../src/config/secret/key-ring.ts";
import type { Presented } from "../../src/core/access/access.ts";
import { type AccessOptions, createAccess } from "../../src/core/access/create-access.ts";
import type { Permission, Role } from "../../src/core/access/permissions.ts";
import type { AuditTrail } from "../../src/core/directory/audit.ts";
import type { ApiKeyCredential, KeyedHash } from "../../src/core/directory/credentials.ts";
import type { DirectoryChange, DirectoryStore } from "../../src/core/directory/directory-store.ts";
import type { SharedKeyStore } from "../../src/core/directory/shared-key-store.ts";
import type { ApiKey, Tenant, Unstored, User } from "../../src/core/directory/entries.ts";
import { createOpenCalls } from "../../src/core/open-calls.ts";
import { createDirectorySecrets } from "../../src/identity/directory-secrets.ts";
import { createKeyDirectory } from "../../src/identity/keys/key-directory.ts";
import { apiKeyHashPurpose } from "../../src/identity/keys/key-hashes.ts";
import { createSharedKeys, sharedKeyPurpose } from "../../src/identity/keys/shared-keys.ts";
import { createDirectoryWatch } from "../../src/identity/watch/directory-watch.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { createMemoryDirectory } from "../support/memory-directory.ts";
import { createTroubledStore } from "./troubled-store.ts";

export const secretOf = (current: string, previous?: string) => ({
  current: () => current,
  known: () => current,
  previous: previous === undefined ? [] : [previous],
});

export interface FixtureOptions extends Partial<AccessOptions> {
  /** The server's; absent: a secret without one before it. */
  readonly secret?: ReturnType<typeof secretOf>;
  readonly changesMax?: number;
  /** Without a key. */
  readonly keyless?: boolean;
  /** Where nodes share what they find of keys. */
  readonly sharedKeys?: SharedKeyStore;
  /** Absent: the one of all. */
  readonly databaseName?: string;
  /** Another node's directory, to be on the same database. */
  readonly sharing?: {
    readonly clock: ReturnType<typeof createManualClock>;
    readonly database: DirectoryStore;
  };
}

export type Noted = Parameters<AuditTrail["note"]>[0];

export type Fixture = ReturnType<typeof createDirectoryFixture>;

export function createDirectoryFixture(options: FixtureOptions = {}) {
  const { sharing, secret = secretOf("a secret of the server, thirty-two bytes") } = options;
  const clock = sharing?.clock ?? createManualClock();
  const database =
    sharing?.database ?? createMemoryDirectory({ clock, changesMax: options.changesMax ?? 1_000 });
  const troubled = createTroubledStore(database);
  const { store } = troubled;
  const openCalls = createOpenCalls();
  const faults: unknown[] = [];
  const reportFault = (error: unknown) => void faults.push(error);
  const watch = createDirectoryWatch({ store, clock, openCalls, reportFault });
  const keyRing = createKeyRing(secret, apiKeyHashPurpose);
  const shared =
    options.sharedKeys &&
    createSharedKeys({
      shared: options.sharedKeys,
      store,
      watch,
      keys: createKeyRing(secret, sharedKeyPurpose),
      database: options.databaseName ?? "the database",
      clock,
    });
  if (shared !== undefined) watch.markBy(shared);
  const keys = createKeyDirectory({
    store,
    shared,
    keys: keyRing,
    clock,
    watch,
    reportFault,
  });
  watch.follow(keys);
  const noted: Noted[] = [];
  const access = createAccess({
    apiKeys: [],
    digest: (text) => createHash("sha256").update(text).digest("hex"),
    servesKeyless: (address) => address === "127.0.0.1",
    allowedHosts: [],
    credentials: [keys],
    hasApiKeys: () => watch.hasApiKeys(),
    tenants: watch.tenants,
    auditTrail: { note: (entry) => void noted.push(entry) },
    ...options,
  });
  const secrets = createDirectorySecrets({ keys: keyRing, sealingKeys: createKeyRing(secret, "sealing") });
  return {
    ...troubled,
    ...createEntries(database, (environment) => secrets.newApiKey(environment)),
    clock,
    database,
    openCalls,
    watch,
    async start() {
      await watch.start();
      await shared?.start();
    },
    keys,
    access,
    noted,
    faults,
    /** Who calls with the credential. */
    authenticate: (credential: string | undefined, presented: Partial<Presented> = {}) =>
      access.authenticate({ ...local, credential, ...presented }),
  };
}

const local: Presented = {
  credential: undefined,
  remoteAddress: "127.0.0.1",
  host: "localhost:8080",
  origin: undefined,
};

/** With a tenant `red`, a user `ann` of it and a key, so that keys are asked for. */
export async function startedFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const fixture = createDirectoryFixture(options);
  if (options.sharing === undefined) {
    await fixture.putTenant("red");
    await fixture.putUser("ann", "developer");
    if (options.keyless !== true) await fixture.makeKey();
  }
  await fixture.start();
  return fixture;
}

let made = 0;

function createEntries(
  store: DirectoryStore,
  newApiKey: (environment: "live" | "test") => { secret: string; prefix: string; hash: KeyedHash },
) {
  async function write(...changes: readonly DirectoryChange[]): Promise<void> {
    const written = await store.write({ changes, audit: [] });
    if (written.outcome !== "written") throw new Error(written.outcome);
  }

  async function putTenant(id: string, change: Partial<Unstored<Tenant>> = {}): Promise<void> {
    const [before] = await store.tenantsById([id]);
    const tenant = before ?? emptyTenant(id);
    await write({ type: "put_tenant", tenant: { ...tenant, ...change }, seen: before?.version });
  }

  async function putUser(id: string, role: Role, change: Partial<Unstored<User>> = {}): Promise<void> {
    const before = (await store.userById(id))?.user;
    const user = before ?? emptyUser(id);
    await write({ type: "put_user", user: { ...user, role, ...change }, seen: before?.version });
  }

  async function changeKey(
    id: string,
    change: Partial<Unstored<ApiKey>>,
    credential?: ApiKeyCredential,
  ): Promise<void> {
    const found = await store.keyById(id);
    if (found === undefined) throw new Error(`There is no key ${id}.`);
    const { apiKey } = found;
    await write({ type: "put_api_key", apiKey: { ...apiKey, ...change }, credential, seen: apiKey.version });
  }

  async function makeKey(change: Partial<Unstored<ApiKey>> = {}, given?: ApiKeyCredential) {
    const id = `key-${++made}`;
    const { secret, prefix, hash } = newApiKey(change.environment ?? "live");
    const credential = given ?? { hash, previousHash: undefined, bcryptHash: undefined };
    const apiKey = { ...emptyKey(id), prefix, ...change };
    await write({ type: "put_api_key", apiKey, credential, seen: undefined });
    return { id, secret, hash };
  }

  return { write, putTenant, putUser, makeKey, changeKey, newApiKey };
}

const emptyTenant = (id: string): Unstored<Tenant> => ({
  id,
  name: id,
  contactEmail: undefined,
  active: true,
  timeZone: "UTC",
  limits: { requestsPerMinute: 7 },
  budget: {},
  logging: undefined,
  cacheTtlSeconds: undefined,
});

const emptyUser = (id: string): Omit<Unstored<User>, "role"> => ({
  id,
  tenantId: "red",
  email: `${id}@example.com`,
  name: id,
  active: true,
  budget: { hardNanos: 5n },
  hasPassword: false,
  externalId: undefined,
  lastLogInAtMs: undefined,
  tokensEndedAtMs: undefined,
});

const keyPermissions: readonly Permission[] = ["gateway:use", "usage:view", "api_keys:create"];

const emptyKey = (id: string): Unstored<ApiKey> => ({
  id,
  tenantId: "red",
  userId: undefined,
  name: id,
  prefix: "",
  environment: "live",
  limits: {},
  budget: {},
  permissions: keyPermissions,
  expiresAtMs: undefined,
  active: true,
  revokedAtMs: undefined,
  lastUsedAtMs: undefined,
  previousExpiresAtMs: undefined,
});
