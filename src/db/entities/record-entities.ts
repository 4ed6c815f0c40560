import { IdempotencyKeyEntity } from "./idempotency-key-entity.ts";
import { PriceVersionEntity } from "./price-version-entity.ts";
import { ProviderAttemptEntity } from "./provider-attempt-entity.ts";
import { RequestBodyEntity } from "./request-body-entity.ts";
import { RequestEntity } from "./request-entity.ts";

/** Of calls, on whichever database. */
export const recordEntities = [
  RequestEntity,
  ProviderAttemptEntity,
  RequestBodyEntity,
  PriceVersionEntity,
  IdempotencyKeyEntity,
];
