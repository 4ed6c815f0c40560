// Lists of models. OpenAI's has ids alone; what other vendors tell beside them is read wherever it stands.
// Sources: platform.openai.com/docs/api-reference/models; openrouter.ai/docs/api-reference/list-available-models;
// docs.mistral.ai/api (models); console.groq.com/docs/api-reference (models); docs.together.ai/reference/models-1;
// huggingface.co/docs/inference-providers; docs.fireworks.ai/api-reference/list-models

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { ListedModel, ModelCapabilities } from "../../../core/models.ts";
import type { OperationName } from "../../../core/operation-name.ts";
import { brokenReply } from "../../broken-reply.ts";
import {
  countIn,
  isJsonArray,
  isJsonObject,
  listIn,
  objectIn,
  parseJson,
  textIn,
} from "../../vendor-json.ts";
import { readOpenAiErrorObject } from "../errors.ts";
import { errorInside } from "./error-inside.ts";
import type { FamilyMember } from "./family-member.ts";
import { listedPrice } from "./model-price.ts";

/** @throws ProviderError for an error inside the answer, or an answer that is no list */
export function readModelList(text: string, member: FamilyMember): readonly ListedModel[] {
  const answer = parseJson(text);
  const error = isJsonObject(answer) ? errorInside(answer, member) : undefined;
  if (error !== undefined) throw readOpenAiErrorObject(error, member);
  // Together's list stands alone.
  const data = isJsonArray(answer) ? answer : objectIn(answer)?.["data"];
  if (!isJsonArray(data)) throw brokenReply("it is no list of models");
  const models = new Map<string, ListedModel>();
  for (const entry of data) {
    const model = isJsonObject(entry) ? readModel(entry, member) : undefined;
    // Mistral tells a model once for each of its names, now and then twice for one.
    if (model !== undefined && !models.has(model.id)) models.set(model.id, model);
  }
  return [...models.values()];
}

function readModel(entry: JsonObject, member: FamilyMember): ListedModel | undefined {
  const id = textIn(entry["id"]);
  // Groq lists what it has switched off.
  if (id === undefined || entry["active"] === false) return undefined;
  const top = objectIn(entry["top_provider"]);
  return {
    id,
    displayName: nameIn(entry, id),
    operations: operationsIn(entry),
    contextTokens: firstCount(
      entry["context_length"],
      entry["max_context_length"],
      entry["context_window"],
      entry["max_model_len"],
      sameOfAll(entry, "context_length"),
    ),
    maxOutputTokens: firstCount(top?.["max_completion_tokens"], entry["max_completion_tokens"]),
    capabilities: capabilitiesIn(entry),
    price: listedPrice(entry, `${member.kind}-list/${id}`),
  };
}

/** A name that says more than the id. */
function nameIn(entry: JsonObject, id: string): string | undefined {
  const name = textIn(entry["display_name"]) ?? textIn(entry["name"]);
  return name === id ? undefined : name;
}

/** Some vendors write 0 for what they do not know. */
function firstCount(...told: readonly (JsonValue | undefined)[]): number | undefined {
  for (const value of told) {
    const count = countIn(value);
    if (count !== undefined && count > 0) return count;
  }
  return undefined;
}

/** What all that serve the model behind a router tell alike. */
function sameOfAll(entry: JsonObject, member: string): JsonValue | undefined {
  const [first, ...others] = listIn(entry["providers"]).map((server) => objectIn(server)?.[member]);
  return others.every((value) => value === first) ? first : undefined;
}

const byType: ReadonlyMap<string, readonly OperationName[]> = new Map([
  ["chat", ["chat"]],
  ["language", ["chat"]],
  ["code", ["chat"]],
  ["embedding", ["embed"]],
  ["embeddings", ["embed"]],
  ["image", []],
  ["audio", []],
  ["moderation", []],
  ["rerank", []],
]);

/** Undefined where the entry does not tell; empty for a model that does what no operation asks for. */
function operationsIn(entry: JsonObject): readonly OperationName[] | undefined {
  const outputs = objectIn(entry["architecture"])?.["output_modalities"];
  if (isJsonArray(outputs) && outputs.length > 0) {
    if (outputs.includes("text")) return ["chat"];
    return outputs.includes("embeddings") ? ["embed"] : [];
  }
  const chats = objectIn(entry["capabilities"])?.["completion_chat"] ?? entry["supports_chat"];
  if (chats === true) return ["chat"];
  const type = textIn(entry["type"]);
  return type === undefined ? undefined : byType.get(type);
}

function capabilitiesIn(entry: JsonObject): ModelCapabilities | undefined {
  const told = objectIn(entry["capabilities"]);
  const parameters = entry["supported_parameters"];
  const takes = (...names: readonly string[]): boolean | undefined =>
    isJsonArray(parameters) ? names.some((name) => parameters.includes(name)) : undefined;
  const inputs = objectIn(entry["architecture"])?.["input_modalities"];
  const seen = isJsonArray(inputs) ? inputs.includes("image") : undefined;
  const capabilities: ModelCapabilities = {
    tools: firstFlag(
      told?.["function_calling"],
      takes("tools"),
      entry["supports_tools"],
      sameOfAll(entry, "supports_tools"),
    ),
    vision: firstFlag(told?.["vision"], seen, entry["supports_image_input"]),
    reasoning: firstFlag(told?.["reasoning"], takes("reasoning", "reasoning_effort")),
    jsonSchema: firstFlag(takes("structured_outputs"), sameOfAll(entry, "supports_structured_output")),
  };
  return Object.values(capabilities).some((value) => value !== undefined) ? capabilities : undefined;
}

const firstFlag = (...told: readonly (JsonValue | undefined)[]): boolean | undefined =>
  told.find((value) => typeof value === "boolean");
