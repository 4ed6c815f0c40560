// The part of the administration that is about keys.

import { actsFor } from "../access/authorize.ts";
import type { Principal } from "../access/principal.ts";
import type { Administration } from "./administration.ts";
import { requireVersion } from "./administration-errors.ts";
import type { Steps } from "./administration-steps.ts";
import { aboutKey, asStoredKey, foundKey, requireNotRevoked } from "./api-key-steps.ts";
import { areSame } from "./audit-differences.ts";
import { requireEnvironment, requireHeld } from "./authority.ts";
import { ownerOf } from "./key-owner.ts";
import { importingKeys } from "./key-import.ts";
import { rotatingKey } from "./key-rotation.ts";
import { listedTenant, requireOwnTenant } from "./listed-tenant.ts";
import { newKey, type PlannedKey, plannedKey } from "./planned.ts";
import { inOrder } from "./read-by-id.ts";
import { keyFaults } from "./rules/api-key.ts";
import { faultsOf, refuse } from "./rules/faults.ts";
import { isUuid } from "./rules/ids.ts";
import { pageFaults, searchOf, uuidFault } from "./rules/page.ts";
import { requireWayBack } from "./way-back.ts";

type ApiKeyAdministration = Pick<
  Administration,
  | "apiKeys"
  | "apiKeysById"
  | "createApiKey"
  | "updateApiKey"
  | "rotateApiKey"
  | "revokeApiKey"
  | "deleteApiKey"
  | "importApiKeys"
>;

export const createApiKeyAdministration = (steps: Steps): ApiKeyAdministration => ({
  ...keyListings(steps),
  createApiKey: creatingKey(steps),
  updateApiKey: updatingKey(steps),
  rotateApiKey: rotatingKey(steps),
  revokeApiKey: revokingKey(steps),
  deleteApiKey: deletingKey(steps),
  importApiKeys: importingKeys(steps),
});

const keyListings = (steps: Steps): Pick<ApiKeyAdministration, "apiKeys" | "apiKeysById"> => ({
  async apiKeys(by, query) {
    steps.permit(by, "apiKeys");
    const tenantId = listedTenant(by, query.tenantId);
    const { first, after, active, userId } = query;
    refuse([...pageFaults(query), ...faultsOf("userId", userId, uuidFault)]);
    const search = searchOf(query.search);
    return steps.ask((store) => store.apiKeys({ tenantId, first, after, active, userId, search }));
  },
  async apiKeysById(by, ids) {
    steps.permit(by, "apiKeysById");
    return inOrder(ids, {
      read: (some) => steps.ask((store) => store.apiKeysById(some)),
      isId: isUuid,
      isSeen: ({ tenantId }) => actsFor(by, tenantId),
    });
  },
});

const creatingKey =
  (steps: Steps): ApiKeyAdministration["createApiKey"] =>
  async (by, input) => {
    steps.permit(by, "createApiKey");
    requireHeld(steps, by, input.permissions ?? newKey.permissions);
    const { tenantId = by.tenantId, environment = by.environment } = input;
    requireEnvironment(steps, by, environment);
    requireOwnTenant(by, tenantId);
    const start = { ...newKey, id: steps.newId(), tenantId, environment, prefix: "" };
    const planned = plannedKey(start, input);
    const owner = await ownerOf(steps, planned);
    const nowMs = steps.nowMs();
    refuse([...keyFaults(input, { planned, nowMs }), ...owner.faults]);
    await requireWayBack(steps, by, [{ key: planned, user: owner.user }]);
    const { secret, prefix, hash } = steps.secrets.newApiKey(environment);
    const after = { ...planned, prefix };
    const credential = { hash, previousHash: undefined, bcryptHash: undefined };
    const version = await steps.write(by, {
      changes: [{ type: "put_api_key", apiKey: after, credential, seen: undefined }],
      audit: [{ ...aboutKey("create", after), after }],
    });
    const times = { createdAtMs: nowMs, updatedAtMs: nowMs, lastUsedAtMs: undefined };
    return { apiKey: await asStoredKey(steps, { ...after, ...times, version }), secret };
  };

const updatingKey =
  (steps: Steps): ApiKeyAdministration["updateApiKey"] =>
  async (by, id, input) => {
    steps.permit(by, "updateApiKey");
    requireHeld(steps, by, input.permissions ?? []);
    const was = await foundKey(steps, by, id);
    requireEnvironment(steps, by, was.environment);
    const [before, after] = [plannedKey(was, {}), plannedKey(was, input)];
    if (id === by.apiKeyId) requireOnlyNamed(steps, by, { before, after });
    // Also where they stay: another owner or a later end could make more of them.
    requireHeld(steps, by, after.permissions);
    const owner = isGiven(input.userId) ? await ownerOf(steps, after) : undefined;
    const nowMs = steps.nowMs();
    refuse([...keyFaults(input, { planned: after, nowMs }), ...(owner?.faults ?? [])]);
    requireVersion(input.version, was.version);
    requireNotRevoked(was);
    if (areSame(before, after)) return was;
    const version = await steps.write(by, {
      changes: [{ type: "put_api_key", apiKey: after, seen: was.version }],
      audit: [{ ...aboutKey("update", after), before, after }],
      owner: "user",
    });
    return asStoredKey(steps, { ...was, ...after, updatedAtMs: nowMs, version });
  };

/**
 * Limits and a budget that their holder raises are none, and without its user, or with another one, a key has others.
 * @throws GatewayError `permission_denied`
 */
function requireOnlyNamed(
  steps: Steps,
  by: Principal,
  { before, after }: { readonly before: PlannedKey; readonly after: PlannedKey },
): void {
  if (areSame({ ...before, name: after.name }, after)) return;
  const message =
    "A key changes nothing of itself but its name. Log in, or use another key with the permission api_keys:update.";
  throw steps.denied(by, "api_key:own", message);
}

const revokingKey =
  (steps: Steps): ApiKeyAdministration["revokeApiKey"] =>
  async (by, id, edit) => {
    steps.permit(by, "revokeApiKey");
    const was = await foundKey(steps, by, id);
    requireEnvironment(steps, by, was.environment);
    // Whoever tries again has what they wanted.
    if (was.revokedAtMs !== undefined) return was;
    requireVersion(edit.version, was.version);
    const nowMs = steps.nowMs();
    const before = plannedKey(was, {});
    const after = { ...before, revokedAtMs: nowMs };
    const version = await steps.write(by, {
      changes: [{ type: "put_api_key", apiKey: after, seen: was.version }],
      audit: [{ ...aboutKey("revoke", after), before, after }],
    });
    return asStoredKey(steps, { ...was, ...after, updatedAtMs: nowMs, version });
  };

const deletingKey =
  (steps: Steps): ApiKeyAdministration["deleteApiKey"] =>
  async (by, id, edit) => {
    steps.permit(by, "deleteApiKey");
    const was = await foundKey(steps, by, id);
    requireEnvironment(steps, by, was.environment);
    requireVersion(edit.version, was.version);
    await steps.write(by, {
      changes: [{ type: "delete_api_key", id, seen: was.version }],
      audit: [{ ...aboutKey("delete", was), before: plannedKey(was, {}) }],
    });
    return was;
  };

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
