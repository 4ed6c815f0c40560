// The mutations that change keys.

import type { ApiKey as ApiKeyShape } from "../../../core/directory/entries.ts";
import type { MadeKey } from "../../../core/directory/administration.ts";
import { builder } from "../builder.ts";
import { ApiKey } from "./api-key.ts";
import {
  CreateApiKeyInput,
  ImportApiKeysInput,
  toApiKeyInput,
  toImportedKeys,
  UpdateApiKeyInput,
} from "./api-key-input.ts";
import { readVersion } from "./entry-fields.ts";
import type { Arguments } from "./field-builders.ts";
import { problems } from "./problem.ts";

const MadeApiKey = builder.objectRef<MadeKey>("MadeApiKey").implement({
  description: "A key with a new secret.",
  fields: (t) => ({
    apiKey: t.expose("apiKey", { type: ApiKey, description: "What is known of it from now on." }),
    secret: t.exposeString("secret", {
      description:
        "The key itself, as callers send it. It is shown this once: the gateway keeps only a hash.",
    }),
  }),
});

const ImportedApiKeys = builder.objectRef<readonly ApiKeyShape[]>("ImportedApiKeys").implement({
  description: "Keys of another gateway that are known from now on.",
  fields: (t) => ({
    apiKeys: t.field({
      type: [ApiKey],
      description: "In the order of the input.",
      resolve: (keys) => [...keys],
    }),
  }),
});

const whichKey = (arg: Arguments) => ({
  id: arg.id({ required: true }),
  version: arg.int({ required: true, description: readVersion }),
});

builder.mutationField("createApiKey", (t) =>
  t.field({
    type: MadeApiKey,
    authScopes: { permission: "api_keys:create" },
    errors: problems,
    description: "Makes a key, and shows its secret this once.",
    args: { input: t.arg({ type: CreateApiKeyInput, required: true }) },
    resolve: (_, { input }, { gateway, caller }) =>
      gateway.administration.createApiKey(caller.principal, {
        ...toApiKeyInput(input),
        tenantId: input.tenantId ?? undefined,
        name: input.name,
        environment: input.environment ?? undefined,
      }),
  }),
);

builder.mutationField("updateApiKey", (t) =>
  t.field({
    type: ApiKey,
    authScopes: { permission: "api_keys:update" },
    errors: problems,
    description: "Changes a key. What is said holds for its next call, on every node within seconds.",
    args: { ...whichKey(t.arg), input: t.arg({ type: UpdateApiKeyInput, required: true }) },
    resolve: (_, { id, version, input }, { gateway, caller }) =>
      gateway.administration.updateApiKey(caller.principal, id, { ...toApiKeyInput(input), version }),
  }),
);

builder.mutationField("rotateApiKey", (t) =>
  t.field({
    type: MadeApiKey,
    authScopes: { permission: "api_keys:update" },
    errors: problems,
    description: "Gives a key a new secret, and shows it this once. The one before goes on for a while.",
    args: {
      ...whichKey(t.arg),
      overlapSeconds: t.arg.int({
        required: true,
        defaultValue: 86_400,
        description: "For how long the secret before goes on: 0 to 2592000 (30 days).",
      }),
    },
    resolve: (_, { id, version, overlapSeconds }, { gateway, caller }) =>
      gateway.administration.rotateApiKey(caller.principal, id, { version, overlapSeconds }),
  }),
);

builder.mutationField("revokeApiKey", (t) =>
  t.field({
    type: ApiKey,
    authScopes: { permission: "api_keys:delete" },
    errors: problems,
    description:
      "Refuses a key for good, and ends its streams, on every node within seconds. It stays on record.",
    args: whichKey(t.arg),
    resolve: (_, { id, version }, { gateway, caller }) =>
      gateway.administration.revokeApiKey(caller.principal, id, { version }),
  }),
);

builder.mutationField("deleteApiKey", (t) =>
  t.field({
    type: ApiKey,
    authScopes: { permission: "api_keys:delete" },
    errors: problems,
    description: "Removes a key. The records of its calls stay. Gives what it was.",
    args: whichKey(t.arg),
    resolve: (_, { id, version }, { gateway, caller }) =>
      gateway.administration.deleteApiKey(caller.principal, id, { version }),
  }),
);

builder.mutationField("importApiKeys", (t) =>
  t.field({
    type: ImportedApiKeys,
    authScopes: { permission: "api_keys:create" },
    errors: problems,
    description: "Makes keys that another gateway has given out, known by their bcrypt hashes.",
    args: { input: t.arg({ type: ImportApiKeysInput, required: true }) },
    resolve: (_, { input }, { gateway, caller }) =>
      gateway.administration.importApiKeys(caller.principal, {
        tenantId: input.tenantId ?? undefined,
        keys: toImportedKeys(input.keys),
      }),
  }),
);
