// A key as a change says it.

import { isPermission } from "../../../core/access/permissions.ts";
import type { ApiKeyInput, ImportedKeyInput } from "../../../core/directory/administration.ts";
import { type FieldFault, invalidFields } from "../../../core/errors.ts";
import { quotable } from "../../../core/field-rules.ts";
import { builder } from "../builder.ts";
import { nullsAmong } from "../not-null.ts";
import { allowedInput } from "./allowed-lists.ts";
import { BudgetInput } from "./budget.ts";
import type { InputFields } from "./field-builders.ts";
import { EnvironmentEnum } from "./request-record.ts";
import { UseLimitsInput } from "./use-limits.ts";

const settable = (t: InputFields) => ({
  userId: t.id({ description: "Whose it is: it may never do more than they. Null: the tenant's." }),
  active: t.boolean({ description: "False: it is refused. A new one is active." }),
  limits: t.field({ type: UseLimitsInput, description: "Within those of its tenant." }),
  ...allowedInput(t),
  budget: t.field({ type: BudgetInput, description: "Within that of its tenant, which always holds." }),
  permissions: t.stringList({
    description: "As `gateway:use`, which a new one has if nothing is said. None that the caller has not.",
  }),
  expiresAt: t.field({ type: "DateTime", description: "Null: never." }),
});

const tenantId = (t: InputFields) => t.id({ description: "Absent: the caller's own tenant." });

export const CreateApiKeyInput = builder.inputType("CreateApiKeyInput", {
  description: "A new key.",
  fields: (t) => ({
    tenantId: tenantId(t),
    name: t.string({ required: true, description: "What people call it." }),
    environment: t.field({
      type: EnvironmentEnum,
      description: "Usually LIVE; a test key makes TEST keys alone. It is never changed.",
    }),
    ...settable(t),
  }),
});

export const UpdateApiKeyInput = builder.inputType("UpdateApiKeyInput", {
  description: "What is to be changed: absent is as it was, null is the default again.",
  fields: (t) => ({ name: t.string({ description: "What people call it." }), ...settable(t) }),
});

const ImportedApiKeyInput = builder.inputType("ImportedApiKeyInput", {
  description: "A key of another gateway, which goes on under its old secret.",
  fields: (t) => ({
    name: t.string({ required: true, description: "What people call it." }),
    prefix: t.string({
      required: true,
      description: "How it begins: at least 6 characters, by which it is found.",
    }),
    bcryptHash: t.string({
      required: true,
      description: "As `$2b$10$…`, of a cost from 4 to 12. Never shown.",
    }),
    ...settable(t),
  }),
});

export const ImportApiKeysInput = builder.inputType("ImportApiKeysInput", {
  description: "Keys of another gateway.",
  fields: (t) => ({
    tenantId: tenantId(t),
    keys: t.field({ type: [ImportedApiKeyInput], required: true, description: "1 to 100: all or none." }),
  }),
});

type KeyFields = typeof UpdateApiKeyInput.$inferInput;

/** @throws GatewayError `invalid_request` that tells each field at fault */
export function toApiKeyInput(input: KeyFields): ApiKeyInput {
  const faults = faultsOf(input);
  if (faults.length > 0) throw invalidFields(faults);
  return knownFields(input);
}

/** @throws GatewayError `invalid_request` that tells each field at fault, of each key */
export function toImportedKeys(
  keys: readonly (typeof ImportedApiKeyInput.$inferInput)[],
): readonly ImportedKeyInput[] {
  const faults = keys.flatMap((key, i) =>
    faultsOf(key).map(({ field, message }) => ({ field: `keys[${i}].${field}`, message })),
  );
  if (faults.length > 0) throw invalidFields(faults);
  return keys.map((key) => ({
    ...knownFields(key),
    name: key.name,
    prefix: key.prefix,
    bcryptHash: key.bcryptHash,
  }));
}

function faultsOf(input: KeyFields): readonly FieldFault[] {
  const unknown = (input.permissions ?? []).flatMap((name, i) =>
    isPermission(name)
      ? []
      : [
          {
            field: `permissions[${i}]`,
            message: `"${quotable(name)}" is none. The query \`permissions\` lists all.`,
          },
        ],
  );
  return [...nullsAmong(input, ["name", "active", "permissions"]), ...unknown];
}

function knownFields(input: KeyFields): ApiKeyInput {
  const { userId, name, active, limits, budget, permissions, expiresAt, allowedModels, allowedProviders } =
    input;
  return {
    userId,
    name: name ?? undefined,
    active: active ?? undefined,
    limits,
    budget,
    permissions: permissions?.filter(isPermission),
    expiresAtMs: expiresAt,
    allowedModels,
    allowedProviders,
  };
}
