// What is known of models, from the core to protobuf.

import {
  type ListModelsResponse,
  type Model,
  type ModelCapabilities as ModelCapabilitiesMessage,
  type ModelPrice,
  Operation,
} from "../../../generated/proto/sluice/v1/model_pb.ts";
import type { ModelCapabilities, ModelView } from "../../core/models.ts";
import type { OperationName } from "../../core/operation-name.ts";
import type { Price } from "../../core/pricing/price.ts";
import { int64 } from "./meta-mapping.ts";

const operations = {
  chat: Operation.CHAT,
  embed: Operation.EMBED,
} as const satisfies Record<OperationName, Operation>;

export const fromModels = (models: readonly ModelView[]): ListModelsResponse => ({
  $typeName: "sluice.v1.ListModelsResponse",
  models: models.map(fromModel),
});

const fromModel = (view: ModelView): Model => ({
  $typeName: "sluice.v1.Model",
  id: view.id,
  provider: view.provider ?? "",
  model: view.model ?? "",
  displayName: view.displayName ?? "",
  operations: (view.operations ?? []).map((name) => operations[name]),
  contextTokens: int64(view.contextTokens),
  maxOutputTokens: int64(view.maxOutputTokens),
  capabilities: view.capabilities && fromCapabilities(view.capabilities),
  price: view.price && fromPrice(view.price),
});

const fromCapabilities = (known: ModelCapabilities): ModelCapabilitiesMessage => ({
  $typeName: "sluice.v1.ModelCapabilities",
  tools: known.tools,
  vision: known.vision,
  reasoning: known.reasoning,
  jsonSchema: known.jsonSchema,
  prefill: known.prefill,
});

const fromPrice = (price: Price): ModelPrice => ({
  $typeName: "sluice.v1.ModelPrice",
  version: price.version,
  inputPicos: price.inputPicos,
  outputPicos: price.outputPicos,
  cacheReadPicos: price.cacheReadPicos,
  cacheWritePicos: price.cacheWritePicos,
  cacheWriteLongPicos: price.cacheWriteLongPicos,
  inputAudioPicos: price.inputAudioPicos,
  cacheReadAudioPicos: price.cacheReadAudioPicos,
  reasoningPicos: price.reasoningPicos,
  outputAudioPicos: price.outputAudioPicos,
});
