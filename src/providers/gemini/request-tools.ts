// Tools and the choice among them. Source: ai.google.dev/gemini-api/docs/function-calling

import type { ChatRequest, Tool, ToolChoice } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import { schemaOf } from "./request-schema.ts";
import type { FunctionDeclaration, GeminiRequestBody, ToolConfig } from "./wire.ts";

/** The choice is sent only beside tools: alone it says nothing. */
export function toolMembers(
  { tools = [], toolChoice, parallelToolCalls }: ChatRequest,
  losses: LossList,
): Pick<GeminiRequestBody, "tools" | "toolConfig"> {
  if (tools.length === 0) return {};
  if (parallelToolCalls === false) {
    losses.add("parallelToolCalls", "Dropped: Gemini cannot be held to one tool call at a time.");
  }
  const functionDeclarations = tools.map((tool, i) => declarationOf(tool, { field: `tools[${i}]`, losses }));
  return {
    tools: [{ functionDeclarations }],
    ...(toolChoice === undefined ? {} : { toolConfig: configOf(toolChoice) }),
  };
}

function declarationOf(
  { name, description, parameters, strict }: Tool,
  { field, losses }: { readonly field: string; readonly losses: LossList },
): FunctionDeclaration {
  if (strict === true) losses.add(`${field}.strict`, "Dropped: Gemini has no strict mode of a single tool.");
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined
      ? {}
      : { parametersJsonSchema: schemaOf(parameters, { field: `${field}.parameters`, losses }) }),
  };
}

function configOf(choice: ToolChoice): ToolConfig {
  switch (choice.type) {
    case "auto":
      return { functionCallingConfig: { mode: "AUTO" } };
    case "none":
      return { functionCallingConfig: { mode: "NONE" } };
    case "required":
      return { functionCallingConfig: { mode: "ANY" } };
    case "tool":
      return { functionCallingConfig: { mode: "ANY", allowedFunctionNames: [choice.name] } };
  }
}
