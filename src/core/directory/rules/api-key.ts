import type { FieldFault } from "../../errors.ts";
import type { ApiKeyInput, ImportedKeyInput } from "../administration.ts";
import type { PlannedKey } from "../planned.ts";
import { faultsOf } from "./faults.ts";
import { permissionFaults } from "./granted.ts";
import { bcryptFault, prefixFault } from "./imported-key.ts";
import { patternFaults } from "./patterns.ts";
import { nameFault } from "./text.ts";
import { expiryFault } from "./times.ts";
import { budgetFaults, limitFaults } from "./use-limits.ts";

/** All that is wrong with what is said of a key, but for whose it is. */
export const keyFaults = (
  input: ApiKeyInput,
  { planned, nowMs }: { readonly planned: PlannedKey; readonly nowMs: number },
): readonly FieldFault[] => [
  ...faultsOf("name", input.name, nameFault),
  ...permissionFaults(input.permissions),
  ...limitFaults(input.limits),
  ...budgetFaults(input.budget, planned.budget),
  ...patternFaults("allowedModels", input.allowedModels),
  ...patternFaults("allowedProviders", input.allowedProviders),
  ...faultsOf("expiresAtMs", input.expiresAtMs, (ms) => expiryFault(ms, nowMs)),
];

export const importFaults = ({
  prefix,
  bcryptHash,
}: Partial<Pick<ImportedKeyInput, "prefix" | "bcryptHash">>): readonly FieldFault[] => [
  ...faultsOf("prefix", prefix, prefixFault),
  ...faultsOf("bcryptHash", bcryptHash, bcryptFault),
];
