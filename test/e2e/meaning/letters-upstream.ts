// An upstream whose vectors are the letters of a text: near for near texts, in OpenAI's format.

import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { z } from "zod";
import { listen } from "../../support/listen.ts";

const requestSchema = z.object({ input: z.union([z.string(), z.array(z.string())]) });

export interface LettersUpstream {
  /** To be a provider's `baseUrl`. */
  readonly baseUrl: string;
  /** The texts that it was asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function createLettersUpstream(): Promise<LettersUpstream> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const texts = [requestSchema.parse(await json(request)).input].flat();
    asked.push(...texts);
    const answer = {
      object: "list",
      model: "letters",
      data: texts.map((text, index) => ({ object: "embedding", index, embedding: lettersOf(text) })),
      usage: { prompt_tokens: 10 * texts.length, total_tokens: 10 * texts.length },
    };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer));
  });
  const port = await listen(server);
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function lettersOf(text: string): readonly number[] {
  const letters = Array.from({ length: 26 }, () => 0);
  for (const letter of text.toLowerCase()) {
    const at = letter.charCodeAt(0) - 97;
    if (at >= 0 && at < 26) letters[at] = (letters[at] ?? 0) + 1;
  }
  return letters;
}
