// The GraphQL front end over ports that note what they are asked and answer with samples. They check no permission:
// what is refused here, the schema has refused.

import { createHash } from "node:crypto";
import type { Access } from "../../../../src/core/access/access.ts";
import { createAccess } from "../../../../src/core/access/create-access.ts";
import { isRole } from "../../../../src/core/access/permissions.ts";
import type { Principal } from "../../../../src/core/access/principal.ts";
import type { BudgetReports } from "../../../../src/core/budgets/budget-reports.ts";
import type { Administration } from "../../../../src/core/directory/administration.ts";
import { noSessions } from "../../../../src/core/directory/no-directory.ts";
import type { Sessions } from "../../../../src/core/directory/sessions.ts";
import { GatewayError } from "../../../../src/core/errors.ts";
import { createScriptedProvider, textScript } from "../../../support/scripted-provider.ts";
import { principalOfRole } from "../../../support/principals.ts";
import { type ServedGraphql, serveGraphql, type WireResult } from "../serve-graphql.ts";
import {
  sampleAuditEntry,
  sampleKey,
  sampleSession,
  sampleSsoConfig,
  sampleTenant,
  sampleUser,
} from "./sample-entries.ts";

/** The port's function, who asked, and what else it was given. */
export type Noted = readonly [name: string, ...given: unknown[]];

export interface DirectoryPorts {
  readonly administration?: Partial<Administration>;
  readonly sessions?: Partial<Sessions>;
  readonly budgets?: BudgetReports;
}

export interface ServedDirectory extends ServedGraphql {
  readonly noted: Noted[];
  /** As a platform administrator, or who the credential says; gives the data, or throws. */
  ask(query: string, variables?: object, credential?: string): Promise<Readonly<Record<string, unknown>>>;
  /** The same, with its errors. */
  result(query: string, variables?: object, credential?: string): Promise<WireResult>;
}

const page = <T>(entries: readonly T[]) => Promise.resolve({ entries, hasMore: false });

const sampleAdministration: Administration = {
  tenants: () => page([sampleTenant("acme")]),
  tenantsById: (_, ids) => Promise.resolve(ids.map(sampleTenant)),
  createTenant: (_, { id }) => Promise.resolve(sampleTenant(id)),
  updateTenant: (_, id) => Promise.resolve(sampleTenant(id)),
  deleteTenant: (_, id) => Promise.resolve(sampleTenant(id)),
  users: () => page([sampleUser("u-1")]),
  usersById: (_, ids) => Promise.resolve(ids.map((id) => sampleUser(id))),
  createUser: () => Promise.resolve(sampleUser("u-1")),
  updateUser: (_, id) => Promise.resolve(sampleUser(id)),
  deleteUser: (_, id) => Promise.resolve(sampleUser(id)),
  changePassword: () => Promise.resolve(),
  apiKeys: () => page([sampleKey("k-1")]),
  apiKeysById: (_, ids) => Promise.resolve(ids.map((id) => sampleKey(id))),
  createApiKey: () => Promise.resolve({ apiKey: sampleKey("k-1"), secret: "slc_live_shown-once" }),
  updateApiKey: (_, id) => Promise.resolve(sampleKey(id)),
  rotateApiKey: (_, id) => Promise.resolve({ apiKey: sampleKey(id), secret: "slc_live_shown-again" }),
  revokeApiKey: (_, id) => Promise.resolve(sampleKey(id)),
  deleteApiKey: (_, id) => Promise.resolve(sampleKey(id)),
  importApiKeys: (_, { keys }) => Promise.resolve(keys.map((_key, i) => sampleKey(`k-${i}`))),
  ssoConfig: () => Promise.resolve(sampleSsoConfig),
  setSsoConfig: () => Promise.resolve(sampleSsoConfig),
  deleteSsoConfig: () => Promise.resolve(sampleSsoConfig),
  resealClientSecrets: () =>
    Promise.resolve({ resealed: 1, problems: ["acme: it does not open"], keysLeft: 2 }),
  auditLog: () => page([sampleAuditEntry("a-1")]),
  verifyAudit: () =>
    Promise.resolve({
      tenantId: "acme",
      entries: 3,
      intact: undefined,
      problem: undefined,
      unchecked: "Entry 1 cannot be checked.",
    }),
};

const sampleSessions: Sessions = {
  ...noSessions,
  logIn: () => Promise.resolve(sampleSession),
  refresh: () => Promise.resolve(sampleSession),
  logOut: () => Promise.resolve(),
  logOutEverywhere: () => Promise.resolve(),
};

const sampleBudgets: BudgetReports = {
  of: (_, subjects) =>
    Promise.resolve(
      subjects.map(({ budget }) => ({
        spentNanos: 12n,
        reservedNanos: 3n,
        remainingNanos: budget.hardNanos === undefined ? undefined : budget.hardNanos - 15n,
        resetsAtMs: 8_000,
      })),
    ),
};

/** Asks for a credential, which is a role's name: whoever shows it has the role in the tenant `acme`. */
const accessOfRoles = (also: Readonly<Record<string, Principal>>): Access => {
  const strangers = createAccess({
    apiKeys: ["a key that nobody has"],
    servesKeyless: () => true,
    allowedHosts: [],
    digest: (text) => createHash("sha256").update(text).digest("hex"),
  });
  return {
    keyless: false,
    async authenticate(presented) {
      const { credential = "", remoteAddress: address, correlationId } = presented;
      const known =
        also[credential] ?? (isRole(credential) ? principalOfRole(credential, "acme") : undefined);
      if (known === undefined) return strangers.authenticate(presented);
      return { ...known, origin: { address, correlationId } };
    },
  };
};

const noting = <Port extends object>(port: Port, noted: Noted[]): Port =>
  new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...given: unknown[]): unknown => {
        // Whether somebody may ask is no question to a port.
        if (name !== "requirePermission") noted.push([String(name), ...given]);
        return Reflect.apply(value, target, given);
      };
    },
  });

export async function serveDirectory(
  ports: DirectoryPorts & {
    readonly principals?: Readonly<Record<string, Principal>>;
    readonly access?: Access;
    readonly maxBodyBytes?: number;
  } = {},
): Promise<ServedDirectory> {
  const noted: Noted[] = [];
  const administration = noting({ ...sampleAdministration, ...ports.administration }, noted);
  const sessions = noting({ ...sampleSessions, ...ports.sessions }, noted);
  const budgets = noting(ports.budgets ?? sampleBudgets, noted);
  const served = await serveGraphql({
    providers: { a: createScriptedProvider(textScript("Hi")) },
    access: ports.access ?? accessOfRoles(ports.principals ?? {}),
    ...(ports.maxBodyBytes === undefined ? {} : { maxBodyBytes: ports.maxBodyBytes }),
    change: (gateway) => ({
      ...noting(gateway, noted),
      administration,
      sessions,
      budgets,
      records: noting(gateway.records, noted),
      settings: noting(gateway.settings, noted),
    }),
  });
  const result: ServedDirectory["result"] = async (query, variables, credential = "platform_admin") =>
    (await served.post({ query, variables }, { authorization: `Bearer ${credential}` })).result;
  return {
    ...served,
    noted,
    result,
    async ask(...asked) {
      const { data, errors } = await result(...asked);
      if (errors !== undefined || data === undefined || data === null) {
        throw new GatewayError({ code: "internal", message: JSON.stringify(errors) });
      }
      return data;
    },
  };
}
