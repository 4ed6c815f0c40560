// The list of models, page by page. Source: platform.claude.com/docs/en/api/models/list

import type { JsonObject } from "../../core/json.ts";
import type { ListedModel, ModelCapabilities } from "../../core/models.ts";
import { brokenReply } from "../broken-reply.ts";
import { countIn, isJsonArray, objectIn, parseJson, textIn } from "../vendor-json.ts";

/** The most that a page may have. */
const pageSize = 1_000;
const maxPages = 5;

/** `page` gives the text of the answer to a GET of this path. @throws ProviderError for what is no list */
export async function listAnthropicModels(
  page: (path: string) => Promise<string>,
): Promise<readonly ListedModel[]> {
  const models: ListedModel[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < maxPages; pages += 1) {
    const behind = after === undefined ? "" : `&after_id=${encodeURIComponent(after)}`;
    const { found, next } = readPage(await page(`/v1/models?limit=${pageSize}${behind}`));
    models.push(...found);
    if (next === undefined || next === after) break;
    after = next;
  }
  return models;
}

interface Page {
  readonly found: readonly ListedModel[];
  /** What the next page begins behind; undefined: there is none. */
  readonly next: string | undefined;
}

function readPage(text: string): Page {
  const answer = objectIn(parseJson(text));
  const data = answer?.["data"];
  if (!isJsonArray(data)) throw brokenReply("it is no list of models");
  return {
    found: data.flatMap((entry) => readModel(objectIn(entry))),
    next: answer?.["has_more"] === true ? textIn(answer["last_id"]) : undefined,
  };
}

function readModel(entry: JsonObject | undefined): readonly ListedModel[] {
  const id = textIn(entry?.["id"]);
  if (entry === undefined || id === undefined) return [];
  const capabilities = objectIn(entry["capabilities"]);
  return [
    {
      id,
      displayName: textIn(entry["display_name"]),
      operations: ["chat"],
      contextTokens: tokensIn(entry, "max_input_tokens"),
      maxOutputTokens: tokensIn(entry, "max_tokens"),
      capabilities: capabilities && capabilitiesIn(capabilities),
    },
  ];
}

const tokensIn = (entry: JsonObject, name: string): number | undefined => {
  const tokens = countIn(entry[name]);
  return tokens === 0 ? undefined : tokens;
};

function capabilitiesIn(told: JsonObject): ModelCapabilities {
  const supports = (name: string): boolean | undefined => {
    const supported = objectIn(told[name])?.["supported"];
    return typeof supported === "boolean" ? supported : undefined;
  };
  return {
    vision: supports("image_input"),
    reasoning: supports("thinking"),
    jsonSchema: supports("structured_outputs"),
  };
}
