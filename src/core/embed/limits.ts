// How much a request for embeddings may hold.

export const embedLimits = {
  /** As many as OpenAI takes: platform.openai.com/docs/api-reference/embeddings/create */
  inputs: 2_048,
  inputChars: 1_048_576,
  tokensAnInput: 1_048_576,
  dimensions: 65_536,
} as const;
