import { byOtherNames, type OtherNames } from "../../core/pricing/other-names.ts";
import type { KnownModels } from "./price-list.ts";

/** What is known under a model's own name, else under another one that its vendor takes for it. */
export const knownByOtherNames = (known: KnownModels, otherNames: OtherNames): KnownModels => ({
  contextTokens: (query) =>
    known.contextTokens(query) ??
    byOtherNames(query, otherNames, (model) => known.contextTokens({ ...query, model })),
  find: (query) =>
    known.find(query) ??
    byOtherNames(query, otherNames, (model) => known.find({ ...query, model, modelServed: undefined })),
});
