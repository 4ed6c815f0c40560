/** Reads the tools of a generateContent request, and Google's kind of schema as a JSON schema. */
import type { DemoTool, DemoToolChoice } from "./demo-request.ts";
import { refuse, refuseField } from "./gemini-error.ts";
import { isRecord, isStringArray, type JsonRecord } from "./json-value.ts";

export interface GeminiTools {
  /** Those that may be called. */
  readonly tools: readonly DemoTool[];
  readonly toolChoice: DemoToolChoice;
}

export function readGeminiTools(request: JsonRecord): GeminiTools {
  const tools = readDeclarations(Array.isArray(request["tools"]) ? request["tools"] : []);
  const toolConfig = isRecord(request["toolConfig"]) ? request["toolConfig"] : {};
  const config = isRecord(toolConfig["functionCallingConfig"]) ? toolConfig["functionCallingConfig"] : {};
  const mode = config["mode"] ?? "AUTO";
  const allowed = isStringArray(config["allowedFunctionNames"]) ? config["allowedFunctionNames"] : [];
  if (allowed.length > 0 && mode !== "ANY" && mode !== "VALIDATED") {
    throw refuse("Allowed function names should only be set when function calling mode is ANY or VALIDATED.");
  }
  const unknown = allowed.find((name) => !tools.some((tool) => tool.name === name));
  if (unknown !== undefined) {
    const path = "tool_config.function_calling_config.allowed_function_names";
    throw refuseField(path, `${unknown} is not among the function declarations.`);
  }
  if (mode === "NONE") return { tools, toolChoice: { kind: "none" } };
  const callable = allowed.length === 0 ? tools : tools.filter(({ name }) => allowed.includes(name));
  if (mode !== "ANY") return { tools: callable, toolChoice: { kind: "auto" } };
  if (tools.length === 0) throw refuse("Function calling config is set without function_declarations.");
  return { tools: callable, toolChoice: { kind: "required" } };
}

function readDeclarations(tools: readonly unknown[]): DemoTool[] {
  const declared = new Set<string>();
  return tools.filter(isRecord).flatMap((tool, position) => {
    // The vendor's own tools have no declarations, and run at its side.
    const declarations = Array.isArray(tool["functionDeclarations"]) ? tool["functionDeclarations"] : [];
    return declarations.filter(isRecord).map((declaration, index) => {
      const at = `tools[${position}].function_declarations[${index}]`;
      const { name, parameters, parametersJsonSchema } = declaration;
      if (typeof name !== "string" || !/^[a-z_][\w.:-]{0,127}$/iu.test(name)) {
        const rule =
          "Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.";
        throw refuseField(`${at}.name`, `Invalid function name. ${rule}`);
      }
      if (declared.has(name)) throw refuse(`Duplicate function declaration found: ${name}`);
      declared.add(name);
      if (parameters !== undefined && parametersJsonSchema !== undefined) {
        throw refuseField(at, "parameters and parameters_json_schema must not both be set.");
      }
      return { name, schema: parametersJsonSchema ?? jsonSchemaOf(parameters) };
    });
  });
}

/** Google names its types in upper case, where JSON schema uses lower case; their other words are the same. */
export function jsonSchemaOf(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  const { type, properties, items, anyOf, ...others } = schema;
  return {
    ...others,
    ...(typeof type === "string" ? { type: type.toLowerCase() } : {}),
    ...(isRecord(properties) ? { properties: eachSchema(properties) } : {}),
    ...(items === undefined ? {} : { items: jsonSchemaOf(items) }),
    ...(Array.isArray(anyOf) ? { anyOf: anyOf.map(jsonSchemaOf) } : {}),
  };
}

function eachSchema(properties: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, jsonSchemaOf(schema)]));
}
