// What is known of models: by a table that comes with the gateway, and by providers' own lists.

import type { OperationName } from "./operation-name.ts";
import type { Price, PriceQuery } from "./pricing/price.ts";

/** Undefined: not known. */
export interface ModelCapabilities {
  readonly tools?: boolean | undefined;
  /** Takes images. */
  readonly vision?: boolean | undefined;
  readonly reasoning?: boolean | undefined;
  /** Holds its answer to a JSON schema. */
  readonly jsonSchema?: boolean | undefined;
  /** Goes on with an answer that the last, assistant's message begins. */
  readonly prefill?: boolean | undefined;
}

export interface ModelFacts {
  readonly displayName?: string | undefined;
  readonly operations?: readonly OperationName[] | undefined;
  /** Of prompt and answer together. */
  readonly contextTokens?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly capabilities?: ModelCapabilities | undefined;
  readonly price?: Price | undefined;
}

/** A model as its provider's own list tells it. */
export interface ListedModel extends ModelFacts {
  /** The vendor's name of the model, as `chat` takes it. */
  readonly id: string;
}

export interface ModelTable {
  find(query: Pick<PriceQuery, "provider" | "kind" | "model" | "atMs">): ModelFacts | undefined;
}

/** A name that `model` may hold, and what is known of the model behind it. */
export interface ModelView extends ModelFacts {
  /** `provider/model`, or the name of a route. */
  readonly id: string;
  /** The provider's name; absent for a route and for `auto`. */
  readonly provider: string | undefined;
  readonly model: string | undefined;
}
