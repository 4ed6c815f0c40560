/** Reads a generateContent request; refuses it in Gemini's words (ai.google.dev/api/generate-content). */
import { lastUserText, type DemoFormat } from "./demo-request.ts";
import { parseDirective } from "./directive.ts";
import { GeminiRefusal, refuse, refuseField } from "./gemini-error.ts";
import { readFields } from "./gemini-fields.ts";
import { readGeminiContents, readSystemInstruction } from "./gemini-messages.ts";
import { requireSignatures } from "./gemini-signature.ts";
import { jsonSchemaOf, readGeminiTools } from "./gemini-tools.ts";
import { isRecord, isStringArray, type JsonRecord } from "./json-value.ts";
import type { ChatPath, VendorRequest } from "./vendor.ts";

const maxStopSequences = 5;
const maxThinkingBudget = 32_768;

export function readGeminiRequest(body: unknown, chat: ChatPath): VendorRequest {
  const fields = readFields(body, "GenerateContentRequest");
  if (fields["cachedContent"] !== undefined) {
    throw new GeminiRefusal(403, "CachedContent not found (or permission denied)");
  }
  const contents = Array.isArray(fields["contents"]) ? fields["contents"].filter(isRecord) : [];
  const config = isRecord(fields["generationConfig"]) ? fields["generationConfig"] : {};
  const thinking = isRecord(config["thinkingConfig"]) ? config["thinkingConfig"] : undefined;
  checkNumbers(config);
  const messages = [...readSystemInstruction(fields["systemInstruction"]), ...readGeminiContents(contents)];
  const request: VendorRequest = {
    model: chat.model ?? "",
    stream: chat.stream === true,
    includeUsage: true,
    messages,
    ...readGeminiTools(fields),
    parallelTools: true,
    maxTokens: readLimit(config),
    stop: readStop(config),
    format: readFormat(config),
    reasoning: thinking !== undefined && thinks(thinking),
    hidesReasoning: thinking !== undefined && thinking["includeThoughts"] !== true,
  };
  // What made the model think in this turn is still in the request, so that its calls of the turn were signed.
  const asked = parseDirective(lastUserText(request)).directive.reasoning === true;
  if (request.reasoning || asked) requireSignatures(contents);
  return request;
}

function thinks(thinking: JsonRecord): boolean {
  const { thinkingBudget: budget, thinkingLevel: level, includeThoughts } = thinking;
  if (budget !== undefined && level !== undefined) {
    throw refuse("You can only set only one of thinking budget and thinking level.");
  }
  if (typeof budget === "number" && (budget < -1 || budget > maxThinkingBudget)) {
    const range = `Please choose a value between 0 and ${maxThinkingBudget}.`;
    throw refuse(`The thinking budget ${budget} is invalid. ${range}`);
  }
  if (budget === 0 && includeThoughts === true) {
    const path = "generation_config.thinking_config.include_thoughts";
    throw refuseField(path, "include_thoughts is only enabled when thinking is enabled.");
  }
  return budget === undefined ? level !== undefined || includeThoughts === true : budget !== 0;
}

function checkNumbers(config: JsonRecord): void {
  checkRange(config, ["temperature", "temperature"], 2);
  checkRange(config, ["topP", "top_p"], 1);
  const { topK, candidateCount } = config;
  if (typeof topK === "number" && topK < 1) {
    throw refuseField("generation_config.top_k", "top_k must be positive.");
  }
  if (candidateCount !== undefined && candidateCount !== 1) {
    throw refuse("Multiple candidates is not enabled for this model");
  }
}

/** A number from 0 to `most`. */
function checkRange(config: JsonRecord, [name, path]: readonly [string, string], most: number): void {
  const value = config[name];
  if (typeof value !== "number" || (value >= 0 && value <= most)) return;
  throw refuseField(`generation_config.${path}`, `${path} must be in the range [0.0, ${most}.0].`);
}

function readLimit({ maxOutputTokens: limit }: JsonRecord): number | undefined {
  if (typeof limit !== "number") return undefined;
  if (limit >= 1) return limit;
  throw refuseField("generation_config.max_output_tokens", "max_output_tokens must be positive.");
}

function readStop({ stopSequences: stop }: JsonRecord): readonly string[] {
  if (!isStringArray(stop)) return [];
  const path = "generation_config.stop_sequences";
  if (stop.length > maxStopSequences) {
    throw refuseField(path, `there must be at most ${maxStopSequences} stop sequences.`);
  }
  if (stop.includes("")) throw refuseField(path, "stop sequences must not be empty.");
  return stop;
}

function readFormat(config: JsonRecord): DemoFormat {
  const { responseMimeType: type = "text/plain", responseSchema, responseJsonSchema } = config;
  const path = "generation_config.response_mime_type";
  if (type !== "text/plain" && type !== "application/json") {
    throw refuseField(path, "allowed mimetypes are `text/plain` and `application/json`.");
  }
  if (responseSchema !== undefined && responseJsonSchema !== undefined) {
    throw refuse("Only one of response_schema and response_json_schema may be set.");
  }
  const schema = responseJsonSchema ?? jsonSchemaOf(responseSchema);
  if (schema === undefined) return { kind: type === "text/plain" ? "text" : "json" };
  if (type === "application/json") return { kind: "json_schema", schema };
  throw refuseField(path, "response_mime_type must be application/json when a response schema is set.");
}
