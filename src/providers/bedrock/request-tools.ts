// Tools and the choice among them.
// Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html

import type { ChatRequest, Tool, ToolChoice } from "../../core/chat/request.ts";
import type { JsonObject } from "../../core/json.ts";
import { claudeToolChoice } from "../claude/tool-choice.ts";
import type { LossList } from "../loss-list.ts";
import type { CachePoints } from "./cache-points.ts";
import type { ModelTraits } from "./model-traits.ts";
import type { ToolConfig, ToolSpec } from "./wire.ts";

export interface ToolContext {
  readonly points: CachePoints;
  readonly traits: ModelTraits;
  readonly losses: LossList;
}

export function toolConfigOf(request: ChatRequest, context: ToolContext): ToolConfig | undefined {
  const { losses } = context;
  const tools = request.tools ?? [];
  const called = namesInHistory(request);
  if (request.parallelToolCalls === false && tools.length > 0) {
    losses.add("parallelToolCalls", "Dropped: Bedrock cannot forbid several calls at once.");
  }
  if (request.toolChoice?.type === "none" && called.size === 0) {
    if (tools.length > 0)
      losses.add("tools", "Dropped: Bedrock has no choice `none`; without tools none is called.");
    return undefined;
  }
  if (tools.length === 0) return called.size === 0 ? undefined : toolsOfHistory(called, losses);
  const choice = choiceOf(claudeToolChoice(request.toolChoice, context), losses);
  return {
    tools: tools.flatMap((tool, i) => toolEntries(tool, `tools[${i}]`, context)),
    ...(choice === undefined ? {} : { toolChoice: choice }),
  };
}

function namesInHistory({ messages }: ChatRequest): ReadonlySet<string> {
  const calls = messages.flatMap(({ parts }) => parts.filter((part) => part.type === "tool_call"));
  return new Set(calls.map(({ name }) => name));
}

/** The vendor refuses earlier calls and results in a request that has no tools. */
function toolsOfHistory(names: ReadonlySet<string>, losses: LossList): ToolConfig {
  losses.add(
    "tools",
    "Those that were called earlier are named again, without a schema: Bedrock asks for them.",
  );
  return {
    tools: [...names].map((name) => ({ toolSpec: { name, inputSchema: { json: { type: "object" } } } })),
  };
}

function toolEntries(
  tool: Tool,
  field: string,
  { points, traits, losses }: ToolContext,
): ToolConfig["tools"] {
  const schema: JsonObject = tool.parameters ?? { properties: {} };
  const spec: ToolSpec = {
    toolSpec: {
      name: tool.name,
      ...(tool.description === undefined || tool.description === "" ? {} : { description: tool.description }),
      // The vendor asks for the type even where it can be no other.
      inputSchema: { json: schema["type"] === undefined ? { ...schema, type: "object" } : schema },
      ...(tool.strict === true ? { strict: true } : {}),
    },
  };
  if (tool.cacheHint !== undefined && traits.caching !== "none" && !traits.cachesTools) {
    losses.add(`${field}.cacheHint`, "Dropped: this model takes no cache point among its tools.");
    return [spec];
  }
  return [spec, ...points.after(tool.cacheHint, field)];
}

function choiceOf(choice: ToolChoice | undefined, losses: LossList): ToolConfig["toolChoice"] {
  switch (choice?.type) {
    case undefined:
      return undefined;
    case "none":
      losses.add("toolChoice", "Dropped: Bedrock has no choice `none`, and earlier calls need their tools.");
      return undefined;
    case "auto":
      return { auto: {} };
    case "required":
      return { any: {} };
    case "tool":
      return { tool: { name: choice.name } };
  }
}
