// The event of a reply with embeddings in JSON: as callers get it, and as providers yield it.

import { eventJson, type JsonForm, malformed, objectOf, optional } from "../json-form.ts";
import { exactly, finiteNumber, text } from "../json-values.ts";
import { replyMetaForm } from "../reply-json.ts";
import { usageForm } from "../chat/usage-json.ts";
import { vectorsFault } from "./check-vectors.ts";
import type { Embedded, ProviderEmbedded } from "./events.ts";
import { base64OfVector, vectorOfBase64 } from "./vector-base64.ts";

const vectorsForm: JsonForm<readonly Float32Array[]> = {
  write: (vectors) => vectors.map(base64OfVector),
  read(json) {
    if (!Array.isArray(json)) return malformed;
    const vectors: Float32Array[] = [];
    for (const base64 of json) {
      const vector = typeof base64 === "string" ? vectorOfBase64(base64) : undefined;
      if (vector === undefined) return malformed;
      vectors.push(vector);
    }
    return vectorsFault(vectors, vectors.length) === undefined ? vectors : malformed;
  },
};

const between = {
  type: exactly("embedded"),
  vectors: vectorsForm,
  usage: optional(usageForm),
};

export const embeddedJson = eventJson(
  objectOf<Embedded>({
    ...between,
    id: text,
    provider: text,
    model: text,
    createdAtMs: finiteNumber,
    meta: replyMetaForm,
  }),
);

export const providerEmbeddedJson = eventJson(
  objectOf<ProviderEmbedded>({ ...between, model: optional(text) }),
);
