// A gateway that keeps no tenants, users and keys, as a library over parts of its own may be.

import type { BudgetReports } from "../budgets/budget-reports.ts";
import { GatewayError } from "../errors.ts";
import type { Administration } from "./administration.ts";
import type { Sessions } from "./sessions.ts";

const none = (): Promise<never> =>
  Promise.reject(
    new GatewayError({ code: "unavailable", message: "This gateway keeps no tenants, users and keys." }),
  );

export const noAdministration: Administration = {
  tenants: none,
  tenantsById: none,
  createTenant: none,
  updateTenant: none,
  deleteTenant: none,
  users: none,
  usersById: none,
  createUser: none,
  updateUser: none,
  deleteUser: none,
  changePassword: none,
  apiKeys: none,
  apiKeysById: none,
  createApiKey: none,
  updateApiKey: none,
  rotateApiKey: none,
  revokeApiKey: none,
  deleteApiKey: none,
  importApiKeys: none,
  ssoConfig: none,
  setSsoConfig: none,
  deleteSsoConfig: none,
  resealClientSecrets: none,
  auditLog: none,
  verifyAudit: none,
};

export const noSessions: Sessions = {
  logIn: none,
  refresh: none,
  logOut: none,
  logOutEverywhere: none,
  beginSignOn: none,
  finishSignOn: none,
};

export const noBudgetReports: BudgetReports = { of: none };
