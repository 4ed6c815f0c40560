/** Reads the conversation of a generateContent request; a content can hold several of the demo model's messages. */
import type { DemoMessage } from "./demo-request.ts";
import { refuse, refuseField } from "./gemini-error.ts";
import { checkSignature, partsOf } from "./gemini-signature.ts";
import { asText, isRecord, type JsonRecord } from "./json-value.ts";
import { countTokens } from "./token-text.ts";

export const imageTokens = 258;

/** Of these a part holds exactly one. */
const dataFields = [
  "text",
  "inlineData",
  "fileData",
  "functionCall",
  "functionResponse",
  "executableCode",
  "codeExecutionResult",
  "toolCall",
  "toolResponse",
];

export function readSystemInstruction(content: unknown): DemoMessage[] {
  if (!isRecord(content)) return [];
  return [message("system", partsOf(content))];
}

export function readGeminiContents(contents: readonly JsonRecord[]): DemoMessage[] {
  if (contents.length === 0) throw refuseField("contents", "contents is not specified");
  return contents.flatMap((content, position): DemoMessage[] => {
    const role = content["role"] ?? "user";
    if (role !== "user" && role !== "model") throw refuse("Please use a valid role: user, model.");
    const at = `contents[${position}].parts`;
    const parts = partsOf(content);
    if (parts.length === 0) throw refuseField(at, "contents.parts must not be empty.");
    for (const [index, part] of parts.entries()) checkPart(part, `${at}[${index}]`);
    checkTurn(content, contents[position - 1]);
    if (role === "model") return [message("assistant", parts)];
    const results = responsesOf(content);
    const own = parts.filter((part) => part["functionResponse"] === undefined);
    return [...results.map(resultMessage), ...(own.length > 0 ? [message("user", own)] : [])];
  });
}

function checkPart(part: JsonRecord, at: string): void {
  const [data, second] = dataFields.filter((name) => part[name] !== undefined);
  if (data === undefined) {
    throw refuseField(`${at}.data`, "required oneof field 'data' must have one initialized field");
  }
  if (second !== undefined) {
    const taken = `oneof field 'data' is already set. Cannot set '${second}'`;
    throw refuse(`Invalid value at '${at}' (oneof), ${taken}`);
  }
  const call = part["functionCall"] ?? part["functionResponse"];
  if (isRecord(call) && (call["name"] ?? "") === "") {
    const name = part["functionCall"] === undefined ? "function_response" : "function_call";
    throw refuseField(`${at}.${name}.name`, "Name cannot be empty.");
  }
  const media = part["inlineData"] ?? part["fileData"];
  if (isRecord(media)) {
    const type = media["mimeType"] ?? "";
    if (data === "inlineData" && type === "") throw refuse("Unsupported MIME type: ");
    if ((media["data"] ?? media["fileUri"] ?? "") === "") throw refuse("Unable to process input image.");
  }
  checkSignature(part);
}

/** Calls follow the user, and their results follow them, one for each. */
function checkTurn(content: JsonRecord, before: JsonRecord | undefined): void {
  const called = before === undefined ? 0 : callsOf(before).length;
  const answered = responsesOf(content).length;
  if (called === 0 && answered > 0) {
    throw refuse("Please ensure that function response turn comes immediately after a function call turn.");
  }
  if (callsOf(content).length > 0 && (before === undefined || before["role"] === "model")) {
    throw refuse(
      "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
    );
  }
  if (called !== answered) {
    throw refuse(
      "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
    );
  }
}

function callsOf(content: JsonRecord): JsonRecord[] {
  return partsOf(content).flatMap(({ functionCall }) => (isRecord(functionCall) ? [functionCall] : []));
}

function responsesOf(content: JsonRecord): JsonRecord[] {
  return partsOf(content).flatMap(({ functionResponse }) =>
    isRecord(functionResponse) ? [functionResponse] : [],
  );
}

/** Of a response the vendor reads `output` or `error`, and the whole when it has neither. */
function resultMessage(result: JsonRecord): DemoMessage {
  const response = isRecord(result["response"]) ? result["response"] : {};
  const { output, error } = response;
  const told = output ?? error ?? response;
  const text = typeof told === "string" ? told : JSON.stringify(told);
  const images = partsOf(result).filter(isImage).length;
  return { role: "tool", text, images, tokens: 3 + countTokens(text) + images * imageTokens };
}

function message(role: DemoMessage["role"], parts: readonly JsonRecord[]): DemoMessage {
  const spoken = parts.filter((part) => part["thought"] !== true);
  const text = spoken.flatMap((part) => (typeof part["text"] === "string" ? [part["text"]] : [])).join("\n");
  const images = spoken.filter(isImage).length;
  const calls = callsOf({ parts }).reduce((sum, call) => sum + countTokens(JSON.stringify(call)), 0);
  return { role, text, images, tokens: 3 + countTokens(text) + calls + images * imageTokens };
}

function isImage(part: JsonRecord): boolean {
  const media = part["inlineData"] ?? part["fileData"];
  return isRecord(media) && asText(media["mimeType"]).startsWith("image/");
}
