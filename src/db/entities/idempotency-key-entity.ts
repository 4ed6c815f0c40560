// Table `idempotency_keys`: the keys that calls came with, so that none is processed twice.

import { defineEntity, p } from "@mikro-orm/core";

export const IdempotencyKeyEntity = defineEntity({
  name: "IdempotencyKey",
  tableName: "idempotency_keys",
  properties: {
    tenantId: p.text().primary(),
    /** As `storableKey` makes it. */
    key: p.text().primary(),
    requestHash: p.text(),
    /** `running` or `done`. */
    state: p.text(),
    runId: p.text(),
    nodeId: p.text(),
    /** Sealed under the server's secret. */
    replyCiphertext: p.blob().nullable(),
    replyNonce: p.blob().nullable(),
    replyKeyId: p.text().nullable(),
    /** Epoch milliseconds. */
    createdAt: p.bigint("number"),
    expiresAt: p.bigint("number"),
  },
  indexes: [{ name: "idempotency_keys_expiry", properties: ["expiresAt"] }],
});
