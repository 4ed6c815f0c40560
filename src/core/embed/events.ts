// The one event of a reply with embeddings.

import type { Usage } from "../chat/usage.ts";
import type { ReplyMeta } from "../reply.ts";

/** What an adapter yields, once. */
export interface ProviderEmbedded {
  readonly type: "embedded";
  /** The vendor's version string of the model that answers. */
  readonly model?: string | undefined;
  /** One for each input, in their order, all of one length. */
  readonly vectors: readonly Float32Array[];
  /** An output of 0: embeddings are billed by what is read. */
  readonly usage?: Usage | undefined;
}

export interface Embedded extends ProviderEmbedded {
  /** Our id of the call. */
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly createdAtMs: number;
  readonly meta: ReplyMeta;
}
