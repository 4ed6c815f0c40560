// The one place where a chat request's limits and shapes are checked, whatever front end it came by.
// Every message names the field and what is allowed.

import { invalidRequest } from "../errors.ts";
import {
  checkInteger,
  checkJson,
  checkLabels,
  checkModelName,
  checkNumber,
  checkProviderOptions,
  isLongerThan,
  quotable,
} from "../field-rules.ts";
import type { ChatRequest, ResponseFormat, Sampling, Tool, ToolChoice } from "./request.ts";
import { chatLimits } from "./limits.ts";
import { validateMessages } from "./validate-messages.ts";

const namePattern = /^[a-zA-Z0-9_.-]{1,128}$/;

/** @throws GatewayError `invalid_request` whose `field` is the path of the first fault */
export function validateChatRequest(request: ChatRequest): void {
  checkModelName(request.model);
  validateMessages(request.messages);
  validateTools(request.tools ?? []);
  validateToolChoice(request.toolChoice, request.tools ?? []);
  validateFormat(request.responseFormat);
  validateSampling(request.sampling ?? {});
  checkInteger("maxOutputTokens", request.maxOutputTokens, { min: 1, max: chatLimits.maxOutputTokens });
  checkInteger("reasoning.budgetTokens", request.reasoning?.budgetTokens, {
    min: 0,
    max: chatLimits.maxOutputTokens,
  });
  validateStop(request.stop ?? []);
  checkLabels(request.labels ?? {});
  checkProviderOptions(request.providerOptions ?? {});
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
    if (tool.parameters !== undefined) checkJson(`tools[${i}].parameters`, tool.parameters);
  }
}

function validateToolChoice(choice: ToolChoice | undefined, tools: readonly Tool[]): void {
  if (choice?.type === "required" && tools.length === 0) {
    throw invalidRequest("toolChoice", "asks for a tool call, but tools is empty");
  }
  if (choice?.type === "tool" && !tools.some((tool) => tool.name === choice.name)) {
    throw invalidRequest("toolChoice.name", `"${quotable(choice.name)}" is not among the tools`);
  }
}

function validateFormat(format: ResponseFormat | undefined): void {
  if (format?.type !== "json_schema") return;
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(format.name)) {
    throw invalidRequest("responseFormat.name", "must be 1 to 64 letters, digits, `_` or `-`");
  }
  checkJson("responseFormat.schema", format.schema);
}

function validateSampling(sampling: Sampling): void {
  checkNumber("sampling.temperature", sampling.temperature, { min: 0, max: 2 });
  checkNumber("sampling.topP", sampling.topP, { min: 0, max: 1 });
  checkInteger("sampling.topK", sampling.topK, { min: 1, max: 1_000_000 });
  checkInteger("sampling.seed", sampling.seed, {
    min: Number.MIN_SAFE_INTEGER,
    max: Number.MAX_SAFE_INTEGER,
  });
  checkNumber("sampling.frequencyPenalty", sampling.frequencyPenalty, { min: -2, max: 2 });
  checkNumber("sampling.presencePenalty", sampling.presencePenalty, { min: -2, max: 2 });
}

function validateStop(stop: readonly string[]): void {
  if (stop.length > chatLimits.stopSequences) {
    throw invalidRequest("stop", `has ${stop.length} entries; ${chatLimits.stopSequences} are allowed`);
  }
  for (const [i, sequence] of stop.entries()) {
    if (sequence === "" || isLongerThan(sequence, chatLimits.stopSequenceChars)) {
      throw invalidRequest(`stop[${i}]`, `must have 1 to ${chatLimits.stopSequenceChars} characters`);
    }
  }
}
