// Tools and the choice among them. Source: ai.google.dev/gemini-api/docs/function-calling

import type { ChatRequest, Tool, ToolChoice } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits } from "./model-traits.ts";
import { schemaOf } from "./request-schema.ts";
import type { FunctionDeclaration, GeminiRequestBody, ToolConfig } from "./wire.ts";

/** The choice is sent only beside tools: alone it says nothing. */
export function toolMembers(
  { tools = [], toolChoice, parallelToolCalls }: ChatRequest,
  { traits, losses }: { readonly traits: ModelTraits; readonly losses: LossList },
): Pick<GeminiRequestBody, "tools" | "toolConfig"> {
  if (tools.length === 0) return {};
  if (parallelToolCalls === false) {
    losses.add("parallelToolCalls", "Dropped: Gemini cannot be held to one tool call at a time.");
  }
  const functionDeclarations = tools.map((tool, i) => declarationOf(tool, { field: `tools[${i}]`, losses }));
  const config = configOf(toolChoice ?? { type: "auto" }, isHeldTo(tools, { traits, losses }));
  const says = toolChoice !== undefined || config.functionCallingConfig.mode !== "AUTO";
  return { tools: [{ functionDeclarations }], ...(says ? { toolConfig: config } : {}) };
}

/** Calls are held to their schemas for all tools or none; those that are demanded are anyway. */
function isHeldTo(
  tools: readonly Tool[],
  { traits, losses }: { readonly traits: ModelTraits; readonly losses: LossList },
): boolean {
  for (const [i, { strict }] of tools.entries()) {
    if (strict !== true || traits.validatedCalls) continue;
    losses.add(`tools[${i}].strict`, "Dropped: this model does not hold calls to their schemas.");
  }
  return traits.validatedCalls && tools.some(({ strict }) => strict === true);
}

function declarationOf(
  { name, description, parameters }: Tool,
  { field, losses }: { readonly field: string; readonly losses: LossList },
): FunctionDeclaration {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined
      ? {}
      : { parametersJsonSchema: schemaOf(parameters, { field: `${field}.parameters`, losses }) }),
  };
}

function configOf(choice: ToolChoice, isValidated: boolean): ToolConfig {
  switch (choice.type) {
    case "auto":
      return { functionCallingConfig: { mode: isValidated ? "VALIDATED" : "AUTO" } };
    case "none":
      return { functionCallingConfig: { mode: "NONE" } };
    case "required":
      return { functionCallingConfig: { mode: "ANY" } };
    case "tool":
      return { functionCallingConfig: { mode: "ANY", allowedFunctionNames: [choice.name] } };
  }
}
