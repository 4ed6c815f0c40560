// Tools and the choice among them.

import type { ChatRequest, Tool } from "../../core/chat/request.ts";
import type { JsonObject } from "../../core/json.ts";
import type { CacheMarks } from "./cache-marks.ts";
import type { AnthropicRequestBody, AnthropicTool, AnthropicToolChoice } from "./wire.ts";

/** The choice is sent only beside tools: the vendor refuses it alone. */
export function toolMembers(
  request: ChatRequest,
  marks: CacheMarks,
): Pick<AnthropicRequestBody, "tools" | "tool_choice"> {
  const tools = request.tools ?? [];
  if (tools.length === 0) return {};
  const choice = choiceOf(request);
  return {
    tools: tools.map((tool, i) => toolOf(tool, { marks, field: `tools[${i}]` })),
    ...(choice === undefined ? {} : { tool_choice: choice }),
  };
}

function toolOf(tool: Tool, { marks, field }: { marks: CacheMarks; field: string }): AnthropicTool {
  const schema: JsonObject = tool.parameters ?? { properties: {} };
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    // The vendor asks for the type even where it can be no other.
    input_schema: schema["type"] === undefined ? { ...schema, type: "object" } : schema,
    ...(tool.strict === undefined ? {} : { strict: tool.strict }),
    ...marks.mark(tool.cacheHint, field),
  };
}

function choiceOf({ toolChoice, parallelToolCalls }: ChatRequest): AnthropicToolChoice | undefined {
  const single = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  switch (toolChoice?.type) {
    case undefined:
      return parallelToolCalls === false ? { type: "auto", ...single } : undefined;
    case "none":
      return { type: "none" };
    case "auto":
      return { type: "auto", ...single };
    case "required":
      return { type: "any", ...single };
    case "tool":
      return { type: "tool", name: toolChoice.name, ...single };
  }
}
