// A stream of chunks gathered, for the plain client and for the official one.

import type { z } from "zod";
import { expect } from "vitest";
import type { Outcome, ProofSeen, SeamSeen, ToolCallSeen } from "../client.ts";
import type { Failure } from "../gather-outcome.ts";
import { reasoningProofs, toolCallProofs } from "./openai-proofs.ts";
import { type chunkSchema, metaOf, usageOf } from "./openai-wire.ts";

type Chunk = z.infer<typeof chunkSchema>;
type Told = { -readonly [Key in keyof Outcome]: Outcome[Key] };
type Growing = { -readonly [Key in keyof ToolCallSeen]: ToolCallSeen[Key] };

export function createChunkGatherer(onContent: () => void = () => {}) {
  const told: Told = { text: "", reasoning: "", refusal: "", toolCalls: [] };
  const calls: Growing[] = [];
  const proofs: ProofSeen[] = [];
  const callProofs: ProofSeen[] = [];
  const seams: SeamSeen[] = [];

  /** What a client does that knows: what came up to here and with it is void. */
  function goOver(seam: SeamSeen): void {
    seams.push(seam);
    if (seam.policy === "continue") return;
    Object.assign(told, { text: "", reasoning: "", refusal: "" });
    for (const list of [calls, proofs, callProofs]) list.length = 0;
  }

  return {
    add({ choices, usage, sluice }: Chunk): void {
      for (const { delta, finish_reason: reason } of choices) {
        told.text += delta.content ?? "";
        told.refusal += delta.refusal ?? "";
        told.reasoning += delta.reasoning_content ?? "";
        proofs.push(...reasoningProofs(delta.reasoning_details ?? []));
        for (const { index, id, function: called, extra_content: extra = {} } of delta.tool_calls ?? []) {
          const call = (calls[index] ??= { id: "", name: "", argumentsJson: "" });
          call.id += id ?? "";
          call.name += called?.name ?? "";
          call.argumentsJson += called?.arguments ?? "";
          callProofs.push(...toolCallProofs(extra));
        }
        told.finishReason = reason ?? told.finishReason;
        if (delta.content || delta.reasoning_content || delta.tool_calls !== undefined) onContent();
      }
      if (usage) told.usage = usageOf(usage);
      if (sluice === undefined) return;
      if ("seam" in sluice) return goOver(sluice.seam);
      told.meta = metaOf(sluice);
      expect(sluice.seams ?? []).toEqual(seams);
    },
    outcome: (failure?: Failure): Outcome => ({
      ...told,
      // After a restart their indices go on.
      toolCalls: Object.values(calls),
      seams,
      proofs: [...proofs, ...callProofs],
      error: failure?.error,
    }),
  };
}
