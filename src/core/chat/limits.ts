// How much of everything a chat request may hold.

export const chatLimits = {
  messages: 10_000,
  partsAMessage: 1_000,
  tools: 512,
  stopSequences: 16,
  stopSequenceChars: 1_024,
  maxOutputTokens: 2_147_483_647,
} as const;
