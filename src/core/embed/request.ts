// The request for embeddings, as the core knows it.

import type { JsonObject } from "../json.ts";

/** A text, or a text as the numbers of the model's own tokens. */
export type EmbedInput = string | readonly number[];

export interface EmbedRequest {
  /** As in a chat: a route, `provider/model`, or a model; absent: the use case's route, else `default`. */
  readonly model?: string | undefined;
  readonly inputs: readonly EmbedInput[];
  /** The wished length of the vectors; absent: the model's own. */
  readonly dimensions?: number | undefined;
  /** What the texts are; models that tell questions from documents embed them differently. */
  readonly purpose?: "query" | "document" | undefined;
  /** The caller's metadata: kept on the record, never sent upstream. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** As in a chat. */
  readonly providerOptions?: Readonly<Record<string, JsonObject>> | undefined;
}
