// Sessions over a directory in memory, with real hashes that are quick to make.

import { getRandomValues } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { createKeyRing } from "../../src/config/secret/key-ring.ts";
import { openSealed, sealText } from "../../src/config/secret/sealed-text.ts";
import type { ServerSecret } from "../../src/config/secret/server-secret.ts";
import type { Presented } from "../../src/core/access/access.ts";
import type { CredentialCheck } from "../../src/core/access/credential-check.ts";
import type { DirectoryFollower } from "../../src/core/directory/directory-store.ts";
import type { DirectorySecrets } from "../../src/core/directory/secrets.ts";
import type { Sessions } from "../../src/core/directory/sessions.ts";
import { createIdSource, type NewId } from "../../src/core/ids.ts";
import { createSessionCheck } from "../../src/identity/jwt/session-check.ts";
import { createSessions, type SessionsOptions } from "../../src/identity/sessions/create-sessions.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";
import { createSessionDirectory, type SessionDirectory } from "./session-directory.ts";

export interface TestSessions {
  readonly sessions: Sessions;
  readonly check: CredentialCheck & DirectoryFollower;
  readonly directory: SessionDirectory;
  readonly clock: ManualClock;
  readonly newId: NewId;
  readonly secrets: TestSecrets;
}

export type TestSecrets = Pick<
  DirectorySecrets,
  "verifyPassword" | "openClientSecret" | "sealClientSecret"
> & {
  hashPassword(password: string): Promise<string>;
  /** The hashes that passwords were checked against. */
  readonly verified: string[];
};

export const secretOf = (current: string, previous?: string): ServerSecret => ({
  current: () => current.padEnd(32, "."),
  known: () => current.padEnd(32, "."),
  previous: previous === undefined ? [] : [previous.padEnd(32, ".")],
});

export const presented: Presented = {
  credential: undefined,
  remoteAddress: "127.0.0.1",
  host: "127.0.0.1:8080",
  origin: undefined,
};

/** A thousandth of what a real one costs. */
const cheap = { memoryCost: 64, timeCost: 1, parallelism: 1 };

const placeOf = (row: string) => ({ table: "sso_configs", row, column: "client_secret" });

function createTestSecrets(secret: ServerSecret): TestSecrets {
  const keys = createKeyRing(secret, "test");
  const verified: string[] = [];
  return {
    verified,
    hashPassword: (password) => hash(password, cheap),
    verifyPassword(password, hashed) {
      verified.push(hashed);
      return verify(hashed, password);
    },
    sealClientSecret: (text, tenantId) => sealText(text, placeOf(tenantId), keys),
    openClientSecret: (sealed, tenantId) => openSealed(sealed, placeOf(tenantId), keys),
  };
}

/** Everything that is not given is new: its clock, its directory, its secret. */
export function createTestSessions(options: Partial<SessionsOptions & TestSessions> = {}): TestSessions {
  const {
    clock = createManualClock(),
    directory = createSessionDirectory(clock),
    secret = secretOf("a secret of the tests"),
    newId = createIdSource({ clock, fillRandom: (bytes) => getRandomValues(bytes) }),
    secrets = createTestSecrets(secret),
  } = options;
  const check = createSessionCheck({ secret, clock, store: directory.store });
  const sessions = createSessions({
    store: directory.store,
    trail: directory.trail,
    secrets,
    secret,
    clock,
    newId,
    fetch,
    allowsAddress: () => Promise.resolve(),
    allowsLoopback: true,
    changed: (entry) => check.forget([entry]),
    ...options,
  });
  return { sessions, check, directory, clock, newId, secrets };
}

export const adaId = "01900000-0000-7000-8000-00000000000a";
export const password = "correct horse battery staple";

/** A tenant `acme` with its user Ada, who has a password. */
export async function addAda({ directory, secrets }: Pick<TestSessions, "directory" | "secrets">) {
  await directory.putTenant({ id: "acme", limits: { requestsPerMinute: 7 } });
  await directory.putUser(
    { id: adaId, email: "ada@example.com", tenantId: "acme", role: "admin" },
    { passwordHash: await secrets.hashPassword(password) },
  );
}
