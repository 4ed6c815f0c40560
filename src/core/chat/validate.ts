// The one place where a chat request's limits and shapes are checked, whatever front end it came by.
// Every message names the field and what is allowed.

import { invalidRequest } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { ChatRequest, ResponseFormat, Sampling, Tool, ToolChoice } from "./request.ts";
import { chatLimits } from "./limits.ts";
import { validateMessages } from "./validate-messages.ts";

const namePattern = /^[a-zA-Z0-9_.-]{1,128}$/;

/** @throws GatewayError `invalid_request` whose `field` is the path of the first fault */
export function validateChatRequest(request: ChatRequest): void {
  if (request.model !== undefined && request.model.length > chatLimits.modelChars) {
    throw invalidRequest("model", `has more than ${chatLimits.modelChars} characters`);
  }
  validateMessages(request.messages);
  validateTools(request.tools ?? []);
  validateToolChoice(request.toolChoice, request.tools ?? []);
  validateFormat(request.responseFormat);
  validateSampling(request.sampling ?? {});
  integer("maxOutputTokens", request.maxOutputTokens, { min: 1, max: chatLimits.maxOutputTokens });
  integer("reasoning.budgetTokens", request.reasoning?.budgetTokens, {
    min: 0,
    max: chatLimits.maxOutputTokens,
  });
  validateStop(request.stop ?? []);
  validateLabels(request.labels ?? {});
  for (const [key, options] of Object.entries(request.providerOptions ?? {})) {
    checkDepth(`providerOptions.${key}`, options);
  }
}

function validateTools(tools: readonly Tool[]): void {
  if (tools.length > chatLimits.tools) {
    throw invalidRequest("tools", `has ${tools.length} entries; ${chatLimits.tools} are allowed`);
  }
  const names = new Set<string>();
  for (const [i, tool] of tools.entries()) {
    if (!namePattern.test(tool.name)) {
      throw invalidRequest(`tools[${i}].name`, "must be 1 to 128 letters, digits, `_`, `.` or `-`");
    }
    if (names.has(tool.name)) throw invalidRequest(`tools[${i}].name`, `"${tool.name}" stands twice`);
    names.add(tool.name);
    checkDepth(`tools[${i}].parameters`, tool.parameters ?? null);
  }
}

function validateToolChoice(choice: ToolChoice | undefined, tools: readonly Tool[]): void {
  if (choice?.type === "required" && tools.length === 0) {
    throw invalidRequest("toolChoice", "asks for a tool call, but tools is empty");
  }
  if (choice?.type === "tool" && !tools.some((tool) => tool.name === choice.name)) {
    throw invalidRequest("toolChoice.name", `"${choice.name}" is not among the tools`);
  }
}

function validateFormat(format: ResponseFormat | undefined): void {
  if (format?.type !== "json_schema") return;
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(format.name)) {
    throw invalidRequest("responseFormat.name", "must be 1 to 64 letters, digits, `_` or `-`");
  }
  checkDepth("responseFormat.schema", format.schema);
}

function validateSampling(sampling: Sampling): void {
  number("sampling.temperature", sampling.temperature, { min: 0, max: 2 });
  number("sampling.topP", sampling.topP, { min: 0, max: 1 });
  integer("sampling.topK", sampling.topK, { min: 1, max: 1_000_000 });
  integer("sampling.seed", sampling.seed, { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
  number("sampling.frequencyPenalty", sampling.frequencyPenalty, { min: -2, max: 2 });
  number("sampling.presencePenalty", sampling.presencePenalty, { min: -2, max: 2 });
}

function validateStop(stop: readonly string[]): void {
  if (stop.length > chatLimits.stopSequences) {
    throw invalidRequest("stop", `has ${stop.length} entries; ${chatLimits.stopSequences} are allowed`);
  }
  for (const [i, sequence] of stop.entries()) {
    if (sequence === "" || sequence.length > chatLimits.stopSequenceChars) {
      throw invalidRequest(`stop[${i}]`, `must have 1 to ${chatLimits.stopSequenceChars} characters`);
    }
  }
}

function validateLabels(labels: Readonly<Record<string, string>>): void {
  const entries = Object.entries(labels);
  if (entries.length > chatLimits.labels) {
    throw invalidRequest("labels", `has ${entries.length} entries; ${chatLimits.labels} are allowed`);
  }
  for (const [key, value] of entries) {
    if (key === "" || key.length > chatLimits.labelKeyChars) {
      throw invalidRequest("labels", `every key must have 1 to ${chatLimits.labelKeyChars} characters`);
    }
    if (value.length > chatLimits.labelValueChars) {
      throw invalidRequest(`labels.${key}`, `has more than ${chatLimits.labelValueChars} characters`);
    }
  }
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function number(field: string, value: number | undefined, { min, max }: Range): void {
  if (value === undefined || (value >= min && value <= max)) return;
  throw invalidRequest(field, `must be between ${min} and ${max}, not ${value}`);
}

function integer(field: string, value: number | undefined, range: Range): void {
  number(field, value, range);
  if (value !== undefined && !Number.isSafeInteger(value)) {
    throw invalidRequest(field, `must be a whole number, not ${value}`);
  }
}

// Walks with a list of its own: a nest deep enough to be refused would also be deep enough for the stack.
function checkDepth(field: string, json: JsonValue): void {
  const open: { value: JsonValue; depth: number }[] = [{ value: json, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== "object" || value === null) continue;
    if (depth > chatLimits.jsonDepth) {
      throw invalidRequest(field, `is nested more than ${chatLimits.jsonDepth} deep`);
    }
    for (const member of Object.values(value)) open.push({ value: member, depth: depth + 1 });
  }
}
