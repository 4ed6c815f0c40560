// A router names the format of a proof: the model's maker alone takes it back.
// Source: openrouter.ai/docs/use-cases/reasoning-tokens, "Reasoning details"

const formats: readonly (readonly [maker: string, vendor: string, format: string])[] = [
  ["anthropic/", "anthropic", "anthropic-claude-v1"],
  ["openai/", "openai", "openai-responses-v1"],
  ["x-ai/", "xai", "xai-responses-v1"],
  ["google/", "gemini", "google-gemini-v1"],
];

/** The vendor whose proofs are of this format; undefined: not known. */
export const vendorOfFormat = (format: string | undefined): string | undefined =>
  formats.find((entry) => entry[2] === format)?.[1];

export const formatOfVendor = (vendor: string): string | undefined =>
  formats.find((entry) => entry[1] === vendor)?.[2];

/** The vendor that made the model, where its proofs have a format of their own. */
export const makerOf = (model: string): string | undefined =>
  formats.find(([maker]) => model.startsWith(maker))?.[1];
