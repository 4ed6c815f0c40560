// OpenRouter's suffixes of a model's name, which say how it is routed, and presets of settings.
// Source: openrouter.ai/docs/guides/routing/model-variants, openrouter.ai/docs/guides/features/presets

const free = ":free";

/** The model without its suffixes; what is free does not cost what the model costs. */
export function withoutVariant(model: string): readonly string[] {
  const [bare = ""] = model.split(/[:@]/, 1);
  return bare === "" || bare === model || model.includes(free) ? [] : [bare];
}
