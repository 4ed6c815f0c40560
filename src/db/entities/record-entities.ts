import { PriceVersionEntity } from "./price-version-entity.ts";
import { ProviderAttemptEntity } from "./provider-attempt-entity.ts";
import { RequestBodyEntity } from "./request-body-entity.ts";
import { RequestEntity } from "./request-entity.ts";

/** Every entity, on whichever database. */
export const recordEntities = [RequestEntity, ProviderAttemptEntity, RequestBodyEntity, PriceVersionEntity];
