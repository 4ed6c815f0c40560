// Proofs in the OpenAI face's words: OpenRouter's `reasoning_details` for reasoning, `extra_content` for tool
// calls (Google's form for Gemini's, the gateway's own for all others).

import { z } from "zod";
import type { ReasoningPart, ToolCallPart } from "../../../../src/core/chat/request.ts";
import type { ProofSeen } from "../client.ts";

export const detailsSchema = z.array(
  z.object({
    type: z.enum(["reasoning.text", "reasoning.encrypted"]),
    index: z.number(),
    format: z.string().optional(),
    text: z.string().optional(),
    signature: z.string().optional(),
    data: z.string().optional(),
  }),
);

export const extraSchema = z.strictObject({
  google: z.strictObject({ thought_signature: z.string() }).optional(),
  sluice: z.strictObject({ signature: z.string(), vendor: z.string().optional() }).optional(),
});

const vendors: Readonly<Record<string, string>> = {
  "anthropic-claude-v1": "anthropic",
  "openai-responses-v1": "openai",
  "xai-responses-v1": "xai",
  "google-gemini-v1": "gemini",
};

export const reasoningProofs = (details: z.infer<typeof detailsSchema>): readonly ProofSeen[] =>
  details.flatMap(({ signature, data: redactedData, format = "" }) =>
    signature === undefined && redactedData === undefined
      ? []
      : [{ of: "reasoning", signature, redactedData, vendor: vendors[format] ?? format }],
  );

export function toolCallProofs({ google, sluice }: z.infer<typeof extraSchema>): readonly ProofSeen[] {
  if (google !== undefined) {
    return [{ of: "tool_call", signature: google.thought_signature, vendor: "gemini" }];
  }
  return sluice === undefined ? [] : [{ of: "tool_call", ...sluice }];
}

export function detailOf({ text, signature, redactedData, vendor }: ReasoningPart, index: number): object {
  const format = Object.keys(vendors).find((known) => vendors[known] === vendor) ?? vendor;
  return redactedData === undefined
    ? { type: "reasoning.text", text, signature, format, index }
    : { type: "reasoning.encrypted", data: redactedData, format, index };
}

export function extraOf({ signature, vendor }: ToolCallPart): object | undefined {
  if (signature === undefined) return undefined;
  return vendor === "gemini"
    ? { google: { thought_signature: signature } }
    : { sluice: { signature, vendor } };
}
