/** Counts prompts, and remembers their beginnings as a vendor's prompt cache does. */
import { hash } from "node:crypto";

import type { DemoRequest } from "./demo-request.ts";
import { countTokens } from "./token-text.ts";

export interface PromptUsage {
  /** All tokens of the prompt; those of the cache are among them. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

export interface PromptMemory {
  /** Counts the prompt, and keeps its first message when that is long enough to be cached. */
  measure(request: DemoRequest): PromptUsage;
}

const leastCachedTokens = 64;
const maxRemembered = 512;

export function createPromptMemory(): PromptMemory {
  const remembered = new Set<string>();
  return {
    measure(request) {
      const offered = request.tools.reduce((sum, tool) => sum + 4 + schemaTokens(tool.schema), 0);
      const inputTokens = request.messages.reduce((sum, message) => sum + message.tokens, 3 + offered);
      const first = request.messages[0];
      const prefix = first === undefined ? 0 : countTokens(first.text);
      if (first === undefined || prefix < leastCachedTokens) {
        return { inputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
      }
      const key = hash("sha256", JSON.stringify([request.model, first.role, first.text]));
      const known = remembered.delete(key);
      remembered.add(key);
      const oldest = remembered.values().next();
      if (remembered.size > maxRemembered && !oldest.done) remembered.delete(oldest.value);
      return { inputTokens, cacheReadTokens: known ? prefix : 0, cacheWriteTokens: known ? 0 : prefix };
    },
  };
}

function schemaTokens(schema: unknown): number {
  return schema === undefined ? 0 : countTokens(JSON.stringify(schema));
}
