import type { FieldFault } from "../../errors.ts";
import type { UserInput } from "../administration.ts";
import type { PlannedUser } from "../planned.ts";
import { emailFault } from "./email.ts";
import { faultsOf } from "./faults.ts";
import { passwordFault } from "./password.ts";
import { roleFault } from "./granted.ts";
import { nameFault } from "./text.ts";
import { budgetFaults } from "./use-limits.ts";

/** All that is wrong with what is said of a user. */
export const userFaults = (input: UserInput, planned: PlannedUser): readonly FieldFault[] => [
  ...faultsOf("email", input.email, emailFault),
  ...faultsOf("name", input.name, nameFault),
  ...faultsOf("role", input.role, roleFault),
  ...budgetFaults(input.budget, planned.budget),
  ...faultsOf("password", input.password, (password) => passwordFault(password, planned.email)),
  ...(planned.role === "platform_admin" && planned.tenantId !== "default"
    ? [{ field: "role", message: "only the tenant default has users who act for every tenant" }]
    : []),
];
