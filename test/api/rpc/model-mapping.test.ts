import { fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ListModelsResponseSchema } from "../../../generated/proto/sluice/v1/model_pb.ts";
import { fromModels } from "../../../src/api/rpc/model-mapping.ts";
import type { ModelView } from "../../../src/core/models.ts";

const shown = (...models: readonly ModelView[]) => {
  const sent = toBinary(ListModelsResponseSchema, fromModels(models));
  return toJson(ListModelsResponseSchema, fromBinary(ListModelsResponseSchema, sent));
};

test("every fact of a model comes over", () => {
  const model: ModelView = {
    id: "first/m",
    provider: "first",
    model: "m",
    displayName: "The M",
    operations: ["chat", "embed"],
    contextTokens: 5_000_000_000,
    maxOutputTokens: 0,
    capabilities: { tools: true, vision: false, reasoning: true, jsonSchema: false, prefill: true },
    price: {
      version: "list@1/m",
      inputPicos: 9_007_199_254_740_993n,
      outputPicos: 0n,
      cacheReadPicos: 1n,
      cacheWritePicos: 2n,
    },
  };
  expect(shown(model)).toEqual({
    models: [
      {
        id: "first/m",
        provider: "first",
        model: "m",
        displayName: "The M",
        operations: ["OPERATION_CHAT", "OPERATION_EMBED"],
        contextTokens: "5000000000",
        maxOutputTokens: "0",
        capabilities: { tools: true, vision: false, reasoning: true, jsonSchema: false, prefill: true },
        price: {
          version: "list@1/m",
          inputPicos: "9007199254740993",
          outputPicos: "0",
          cacheReadPicos: "1",
          cacheWritePicos: "2",
        },
      },
    ],
  });
});

test.each([1.5, Number.NaN, Infinity, 2 ** 53])("%d tokens are not known, and spoil nothing", (count) => {
  const odd: ModelView = { id: "auto", provider: undefined, model: undefined, contextTokens: count };
  expect(shown(odd)).toEqual({ models: [{ id: "auto" }] });
});

test("what is not known is absent, not false and not zero", () => {
  const unknown: ModelView = { id: "auto", provider: undefined, model: undefined };
  const little: ModelView = {
    ...unknown,
    capabilities: { tools: false },
    price: { version: "v", inputPicos: 5n },
  };
  expect(shown(unknown, little)).toEqual({
    models: [
      { id: "auto" },
      { id: "auto", capabilities: { tools: false }, price: { version: "v", inputPicos: "5" } },
    ],
  });
});
