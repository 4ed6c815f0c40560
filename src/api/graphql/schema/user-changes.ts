// The mutations that change users.

import type { UserInput } from "../../../core/directory/administration.ts";
import { builder } from "../builder.ts";
import { checkNotNull } from "../not-null.ts";
import { BudgetInput } from "./budget.ts";
import { readVersion } from "./entry-fields.ts";
import type { InputFields } from "./field-builders.ts";
import { problems } from "./problem.ts";
import { UserRole } from "./role.ts";
import { User } from "./user.ts";

const settable = (t: InputFields) => ({
  name: t.string({ description: "What people call it." }),
  active: t.boolean({ description: "False: it is refused, and so are its keys. A new one is active." }),
  budget: t.field({ type: BudgetInput, description: "Within that of its tenant, which always holds." }),
  password: t.string({ description: "Never shown. Null: it cannot log in here, only by sign-on." }),
});

const CreateUserInput = builder.inputType("CreateUserInput", {
  description: "A new user.",
  fields: (t) => ({
    tenantId: t.id({ description: "Absent: the caller's own tenant." }),
    email: t.string({ required: true, description: "One user of a tenant has it." }),
    role: t.field({ type: UserRole, required: true, description: "Not above the caller's own." }),
    ...settable(t),
  }),
});

const UpdateUserInput = builder.inputType("UpdateUserInput", {
  description: "What is to be changed: absent is as it was, null is the default again.",
  fields: (t) => ({
    email: t.string({ description: "One user of a tenant has it." }),
    role: t.field({ type: UserRole, description: "Not above the caller's own." }),
    ...settable(t),
  }),
});

const PasswordChange = builder
  .objectRef<{ readonly otherSessionsEnded: boolean }>("PasswordChange")
  .implement({
    description: "The caller has another password.",
    fields: (t) => ({
      otherSessionsEnded: t.exposeBoolean("otherSessionsEnded", {
        description: "Whoever else was logged in as the caller has to log in again.",
      }),
    }),
  });

/** @throws GatewayError `invalid_request` */
function toInput(input: typeof UpdateUserInput.$inferInput): UserInput {
  checkNotNull(input, ["email", "name", "role", "active"]);
  const { email, name, role, active, ...others } = input;
  return {
    ...others,
    email: email ?? undefined,
    name: name ?? undefined,
    role: role ?? undefined,
    active: active ?? undefined,
  };
}

builder.mutationField("createUser", (t) =>
  t.field({
    type: User,
    authScopes: { permission: "users:create" },
    errors: problems,
    description: "Makes a user of a tenant.",
    args: { input: t.arg({ type: CreateUserInput, required: true }) },
    resolve: (_, { input }, { gateway, caller }) =>
      gateway.administration.createUser(caller.principal, {
        ...toInput(input),
        tenantId: input.tenantId ?? undefined,
        email: input.email,
        role: input.role,
      }),
  }),
);

builder.mutationField("updateUser", (t) =>
  t.field({
    type: User,
    authScopes: { permission: "users:update" },
    errors: problems,
    description: "Changes a user.",
    args: {
      id: t.arg.id({ required: true }),
      version: t.arg.int({ required: true, description: readVersion }),
      input: t.arg({ type: UpdateUserInput, required: true }),
    },
    resolve: (_, { id, version, input }, { gateway, caller }) =>
      gateway.administration.updateUser(caller.principal, id, { ...toInput(input), version }),
  }),
);

builder.mutationField("deleteUser", (t) =>
  t.field({
    type: User,
    authScopes: { permission: "users:delete" },
    errors: problems,
    description: "Removes a user. Its keys are revoked, its sessions end. Gives what it was.",
    args: {
      id: t.arg.id({ required: true }),
      version: t.arg.int({ required: true, description: readVersion }),
    },
    resolve: (_, { id, version }, { gateway, caller }) =>
      gateway.administration.deleteUser(caller.principal, id, { version }),
  }),
);

builder.mutationField("changePassword", (t) =>
  t.field({
    type: PasswordChange,
    authScopes: { signedIn: true },
    errors: problems,
    description: "Changes the caller's own password. Its other sessions end.",
    args: {
      current: t.arg.string({ required: true, description: "The password so far." }),
      next: t.arg.string({ required: true, description: "The password from now on." }),
    },
    async resolve(_, { current, next }, { gateway, caller }) {
      await gateway.administration.changePassword(caller.principal, { current, next });
      return { otherSessionsEnded: true };
    },
  }),
);
