// The list of the models that a server has. Source: docs.ollama.com/api/tags

import type { JsonObject } from "../../core/json.ts";
import type { ListedModel } from "../../core/models.ts";
import { brokenReply } from "../broken-reply.ts";
import { isJsonArray, objectIn, parseJson, textIn } from "../vendor-json.ts";

/** @throws ProviderError `broken_reply` */
export function readModelList(text: string): readonly ListedModel[] {
  const models = objectIn(parseJson(text))?.["models"];
  if (!isJsonArray(models)) throw brokenReply("it is no list of models");
  return models.flatMap((entry) => {
    const model = objectIn(entry);
    const id = textIn(model?.["model"]) ?? textIn(model?.["name"]);
    return model === undefined || id === undefined ? [] : [{ id, ...factsOf(model) }];
  });
}

/** Newer servers tell what a model can do. */
function factsOf({ capabilities: told }: JsonObject): Omit<ListedModel, "id"> {
  if (!isJsonArray(told) || told.length === 0) return {};
  return {
    operations: [
      ...(told.includes("completion") ? (["chat"] as const) : []),
      ...(told.includes("embedding") ? (["embed"] as const) : []),
    ],
    capabilities: {
      tools: told.includes("tools"),
      vision: told.includes("vision"),
      reasoning: told.includes("thinking"),
    },
  };
}
