// The vendor's list of models. Source: ai.google.dev/api/models#method:-models.list

import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { ListedModel } from "../../core/models.ts";
import type { OperationName } from "../../core/operation-name.ts";
import { brokenReply } from "../broken-reply.ts";
import { countIn, isJsonArray, isJsonObject, listIn, parseJson, textIn } from "../vendor-json.ts";

export interface ModelPage {
  readonly models: readonly ListedModel[];
  readonly nextPageToken: string | undefined;
}

/** @throws ProviderError `broken_reply` */
export function readModelPage(text: string): ModelPage {
  const page = parseJson(text);
  if (!isJsonObject(page)) throw brokenReply("it is no JSON object");
  const list = page["models"] ?? [];
  if (!isJsonArray(list)) throw brokenReply("its models are no list");
  const models = list.flatMap((entry) => {
    const model = isJsonObject(entry) ? listed(entry) : undefined;
    return model === undefined ? [] : [model];
  });
  return { models, nextPageToken: textIn(page["nextPageToken"]) };
}

function listed(entry: JsonObject): ListedModel | undefined {
  const id = textIn(entry["name"])?.replace(/^models\//, "");
  if (id === undefined) return undefined;
  const { thinking } = entry;
  return {
    id,
    displayName: textIn(entry["displayName"]),
    operations: operationsOf(entry["supportedGenerationMethods"]),
    // The vendor limits prompt and answer apart from each other; the prompt's limit is what it calls the context.
    contextTokens: countIn(entry["inputTokenLimit"]),
    maxOutputTokens: countIn(entry["outputTokenLimit"]),
    ...(typeof thinking === "boolean" ? { capabilities: { reasoning: thinking } } : {}),
  };
}

const operationsByMethod: ReadonlyMap<string, OperationName> = new Map([
  ["generateContent", "chat"],
  ["embedContent", "embed"],
]);

function operationsOf(methods: JsonValue | undefined): readonly OperationName[] | undefined {
  if (!isJsonArray(methods)) return undefined;
  return listIn(methods).flatMap((method) => operationsByMethod.get(textIn(method) ?? "") ?? []);
}
