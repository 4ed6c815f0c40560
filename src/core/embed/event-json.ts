// The event of a reply with embeddings in JSON: as callers get it, and as providers yield it.

import { eventJson, holding, listOf, objectOf, optional } from "../json-form.ts";
import { exactly, finiteNumber, text } from "../json-values.ts";
import { replyMetaForm } from "../reply-json.ts";
import { usageForm } from "../chat/usage-json.ts";
import { vectorsFault } from "./check-vectors.ts";
import type { Embedded, ProviderEmbedded } from "./events.ts";
import { vectorForm } from "./vector-base64.ts";

const vectorsForm = holding(
  listOf(vectorForm),
  (vectors) => vectorsFault(vectors, vectors.length) === undefined,
);

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
