import type { TenantLogging } from "../../access/grants.ts";
import { maxCacheTtlSeconds } from "../../call.ts";
import type { FieldFault } from "../../errors.ts";
import type { TenantInput } from "../administration.ts";
import type { PlannedTenant } from "../planned.ts";
import { emailFault } from "./email.ts";
import { type Fault, faultsOf } from "./faults.ts";
import { patternFaults } from "./patterns.ts";
import { nameFault } from "./text.ts";
import { timeZoneFault } from "./times.ts";
import { budgetFaults, limitFaults, wholeNumberFault } from "./use-limits.ts";

/** All that is wrong with what is said of a tenant. */
export const tenantFaults = (input: TenantInput, planned: PlannedTenant): readonly FieldFault[] => [
  ...faultsOf("name", input.name, nameFault),
  ...faultsOf("contactEmail", input.contactEmail, emailFault),
  ...faultsOf("timeZone", input.timeZone, timeZoneFault),
  ...limitFaults(input.limits),
  ...budgetFaults(input.budget, planned.budget),
  ...patternFaults("allowedModels", input.allowedModels),
  ...patternFaults("allowedProviders", input.allowedProviders),
  ...loggingFaults(input.logging),
  ...faultsOf("cacheTtlSeconds", input.cacheTtlSeconds, wholeNumberFault(0, maxCacheTtlSeconds)),
];

const maxRetentionDays = 3_650;

const loggingFaults = (logging: TenantLogging | null | undefined): readonly FieldFault[] => [
  ...faultsOf("logging.bodies", logging?.bodies, bodiesFault),
  ...faultsOf("logging.retentionDays", logging?.retentionDays, wholeNumberFault(1, maxRetentionDays)),
];

const bodiesFault = (bodies: string): Fault =>
  ["full", "metadata", "none"].includes(bodies) ? undefined : "must be full, metadata or none";
