// A stream of chunks gathered, for the plain client and for the official one.

import type { z } from "zod";
import type { Outcome, ToolCallSeen } from "../client.ts";
import type { Failure } from "../gather-outcome.ts";
import { type chunkSchema, metaOf, usageOf } from "./openai-wire.ts";

type Chunk = z.infer<typeof chunkSchema>;
type Told = { -readonly [Key in keyof Outcome]: Outcome[Key] };
type Growing = { -readonly [Key in keyof ToolCallSeen]: ToolCallSeen[Key] };

export function createChunkGatherer(onContent: () => void = () => {}) {
  const told: Told = { text: "", reasoning: "", refusal: "", toolCalls: [] };
  const calls: Growing[] = [];
  return {
    add({ choices, usage, sluice }: Chunk): void {
      for (const { delta, finish_reason: reason } of choices) {
        told.text += delta.content ?? "";
        told.refusal += delta.refusal ?? "";
        told.reasoning += delta.reasoning_content ?? "";
        for (const { index, id, function: called } of delta.tool_calls ?? []) {
          const call = (calls[index] ??= { id: "", name: "", argumentsJson: "" });
          call.id += id ?? "";
          call.name += called.name ?? "";
          call.argumentsJson += called.arguments ?? "";
        }
        told.finishReason = reason ?? told.finishReason;
        if (delta.content || delta.reasoning_content || delta.tool_calls !== undefined) onContent();
      }
      if (usage) told.usage = usageOf(usage);
      if (sluice !== undefined) told.meta = metaOf(sluice);
    },
    outcome: (failure?: Failure): Outcome => ({ ...told, toolCalls: calls, error: failure?.error }),
  };
}
