// A provider as a change says it: an entry of the configuration file, key for key.

import { builder } from "../builder.ts";
import type { InputFields } from "./field-builders.ts";
import { BreakerInput, ProbeInput, ProviderTimeoutsInput } from "./policy-input.ts";

const settable = (t: InputFields) => ({
  apiKey: t.string({ description: "Kept encrypted, and never shown." }),
  apiKeys: t.stringList({ description: "Several keys that share its calls, in place of apiKey." }),
  baseUrl: t.string({ description: "In the convention of the vendor's own SDK. Absent: the vendor's." }),
  model: t.string({ description: "Its default model. Absent: its kind's, else the first of its own list." }),
  models: t.stringList({ description: "Models that it is known to have." }),
  priority: t.int({ description: "Higher is tried first; usually 0." }),
  api: t.string({ description: "Which of its vendor's APIs is asked, where there are several." }),
  breaker: t.field({ type: BreakerInput }),
  timeouts: t.field({ type: ProviderTimeoutsInput }),
  maxConcurrent: t.int({ description: "Attempts at a time at each of its targets." }),
  probe: t.field({ type: ProbeInput }),
  test: t.boolean({
    description: "Whether keys for tests may use its targets that do not say otherwise; usually false.",
  }),
  settings: t.field({
    type: "JSON",
    description: "An object of what only its kind has, as `apiVersion`; null for a key is its default.",
  }),
});

export const AddProviderInput = builder.inputType("AddProviderInput", {
  description: "A new provider, as an entry of the configuration file says it.",
  fields: (t) => ({
    name: t.string({ required: true, description: "Lower-case letters, digits, `-` or `_`." }),
    kind: t.string({ required: true, description: "Which adapter speaks to it, as `openai`." }),
    ...settable(t),
  }),
});

export const UpdateProviderInput = builder.inputType("UpdateProviderInput", {
  description: "What is to be changed: absent is as it was, null is the default again.",
  fields: settable,
});
