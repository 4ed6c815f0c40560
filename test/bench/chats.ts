// What is asked in the bench, for each protocol.

/** The demo upstream's; the provider is `openai` in every gateway of the bench. */
const model = "demo-chat";
export const answerTokens = 300;
const answerWord = "demo";

interface AskedBody {
  readonly tokens: number;
  readonly stream: boolean;
  readonly words: string;
  readonly temperature?: number;
}

const openAiBody = (options: AskedBody) =>
  JSON.stringify({
    model,
    ...(options.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    temperature: options.temperature ?? 0.5,
    messages: [
      { role: "system", content: "You are a helpful assistant. Answer in short sentences." },
      {
        role: "user",
        content: `[demo tokens=${options.tokens}${options.words}] How deep is the sea, and why?`,
      },
    ],
  });

/** An answer of 60 tokens, about 900 bytes of JSON. */
export const jsonChat = {
  path: "/v1/chat/completions",
  body: openAiBody({ tokens: 60, stream: false, words: "" }),
  expect: answerWord,
} as const;

/** The same as the caches of a gateway as it is set by itself keep it: temperature 0. */
export const keptJsonBody = openAiBody({ tokens: 60, stream: false, words: "", temperature: 0 });
export const keptStreamedBody = openAiBody({ tokens: 60, stream: true, words: "", temperature: 0 });

/** `delayMs`: between the tokens; 0: as fast as they are read. */
export const streamedBody = (delayMs: number): string =>
  openAiBody({ tokens: answerTokens, stream: true, words: delayMs > 0 ? ` delay=${delayMs}` : "" });

export const shortStreamedBody = (options: { readonly tokens: number; readonly delayMs: number }): string =>
  openAiBody({ tokens: options.tokens, stream: true, words: ` delay=${options.delayMs}` });

export const streamedPrompt = (delayMs: number) => ({
  model,
  system: "You are a helpful assistant. Answer in short sentences.",
  user: `[demo tokens=${answerTokens}${delayMs > 0 ? ` delay=${delayMs}` : ""}] How deep is the sea, and why?`,
  temperature: 0.5,
});
