import { expect, test } from "vitest";
import { withConfiguredModels } from "../../src/core/configured-models.ts";
import type { ModelTable } from "../../src/core/models.ts";

const table: ModelTable = {
  find: ({ model }) =>
    model === "known" ? { contextTokens: 8, capabilities: { tools: true, prefill: false } } : undefined,
};
const find = (provider: string, model: string) =>
  withConfiguredModels(
    [
      { provider: "mine", model: "known", capabilities: { prefill: true } },
      { provider: "mine", model: "own", capabilities: { prefill: true } },
    ],
    table,
  ).find({ provider, kind: "vllm", model, atMs: 0 });

test("what is configured of a model comes before what the table knows, and beside it", () => {
  expect(find("mine", "known")).toMatchObject({
    contextTokens: 8,
    capabilities: { tools: true, prefill: true },
  });
  expect(find("mine", "own")?.capabilities?.prefill).toBe(true);
});

test("it holds for the one model of the one provider", () => {
  expect(find("other", "known")?.capabilities).toEqual({ tools: true, prefill: false });
  expect(find("mine", "other")).toBeUndefined();
  expect(withConfiguredModels([], table)).toBe(table);
});
