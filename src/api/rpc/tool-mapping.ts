// Tools, their choice and the form of the answer, from protobuf to the core.

import {
  type ResponseFormat as ResponseFormatMessage,
  type Tool as ToolMessage,
  type ToolChoice as ToolChoiceMessage,
  ToolChoiceMode,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { invalidRequest } from "../../core/errors.ts";
import type { ResponseFormat, Tool, ToolChoice } from "../../core/chat/request.ts";
import { createEnumReader, textOrAbsent } from "./field-reading.ts";
import { readCacheHint } from "./part-mapping.ts";

const readMode = createEnumReader<ToolChoice["type"]>({
  names: {
    [ToolChoiceMode.UNSPECIFIED]: "auto",
    [ToolChoiceMode.AUTO]: "auto",
    [ToolChoiceMode.NONE]: "none",
    [ToolChoiceMode.REQUIRED]: "required",
    [ToolChoiceMode.TOOL]: "tool",
  },
  allowed: "a value of ToolChoiceMode",
});

export const toTool = (field: string, tool: ToolMessage): Tool => ({
  name: tool.name,
  description: textOrAbsent(tool.description),
  parameters: tool.parameters,
  strict: tool.strict,
  cacheHint: readCacheHint(`${field}.cacheHint`, tool.cacheHint),
});

/** @throws GatewayError `invalid_request` */
export function toToolChoice({ mode, name }: ToolChoiceMessage): ToolChoice {
  const type = readMode("toolChoice.mode", mode);
  if (type === "tool") return { type, name };
  if (name === "") return { type };
  throw invalidRequest("toolChoice.name", "goes with the mode TOOL_CHOICE_MODE_TOOL only");
}

/** @throws GatewayError `invalid_request` */
export function toResponseFormat({ format }: ResponseFormatMessage): ResponseFormat {
  switch (format.case) {
    case "text":
    case "json":
      return { type: format.case };
    case "jsonSchema": {
      const { name, description, schema, strict } = format.value;
      if (schema === undefined) throw invalidRequest("responseFormat.schema", "must be a JSON Schema");
      return { type: "json_schema", name, description: textOrAbsent(description), schema, strict };
    }
    case undefined:
      throw invalidRequest("responseFormat", "must have one of text, json and jsonSchema; absent means text");
  }
}
