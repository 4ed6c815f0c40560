// Which models and providers may be asked.

import type { AllowedLists } from "../../../core/access/grants.ts";
import type { InputFields, OutputFields } from "./field-builders.ts";

const models =
  "Patterns of models: `*` is any text; one without a slash is of the model's own name, else of `provider/model`. " +
  "Null: all; empty: none.";
const providers = "Patterns of providers' names: `*` is any text. Null: all; empty: none.";

export const allowedFields = <E extends AllowedLists>(t: OutputFields<E>) => ({
  allowedModels: t.stringList({
    nullable: true,
    description: models,
    resolve: ({ allowedModels }) => allowedModels,
  }),
  allowedProviders: t.stringList({
    nullable: true,
    description: providers,
    resolve: ({ allowedProviders }) => allowedProviders,
  }),
});

export const allowedInput = (t: InputFields) => ({
  allowedModels: t.stringList({ description: models }),
  allowedProviders: t.stringList({ description: providers }),
});
