import { expect, test } from "vitest";
import type { ReasoningWish } from "../../../src/core/chat/request.ts";
import { buildGeminiRequest } from "../../../src/providers/gemini/request.ts";

function asked(model: string, reasoning: ReasoningWish) {
  const messages = [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] as const;
  const { body, losses } = buildGeminiRequest({ messages, reasoning }, { model });
  return { config: body.generationConfig?.thinkingConfig, lost: losses.map(({ field }) => field) };
}

const thoughts = { includeThoughts: true };

test.each<[string, ReasoningWish, unknown, readonly string[]]>([
  ["gemini-2.5-flash", {}, undefined, []],
  ["gemini-2.5-flash", { effort: "low" }, { thinkingBudget: 1024, ...thoughts }, []],
  ["gemini-2.5-flash", { effort: "xhigh" }, { thinkingBudget: 24_576, ...thoughts }, ["reasoning.effort"]],
  ["gemini-2.5-pro", { effort: "xhigh" }, { thinkingBudget: 32_768, ...thoughts }, []],
  ["gemini-2.5-flash", { effort: "none" }, { thinkingBudget: 0 }, []],
  ["gemini-2.5-flash", { budgetTokens: 0 }, { thinkingBudget: 0 }, []],
  [
    "gemini-2.5-flash",
    { effort: "none", budgetTokens: 9 },
    { thinkingBudget: 0 },
    ["reasoning.budgetTokens"],
  ],
  ["gemini-2.5-pro", { effort: "none" }, { thinkingBudget: 128 }, ["reasoning.effort"]],
  ["gemini-2.5-pro", { budgetTokens: 0 }, { thinkingBudget: 128 }, ["reasoning.budgetTokens"]],
  ["gemini-2.5-flash", { budgetTokens: 2000 }, { thinkingBudget: 2000, ...thoughts }, []],
  [
    "gemini-2.5-flash-lite",
    { budgetTokens: 100 },
    { thinkingBudget: 512, ...thoughts },
    ["reasoning.budgetTokens"],
  ],
  [
    "models/gemini-2.5-pro",
    { effort: "low", budgetTokens: 2 ** 31 - 1 },
    { thinkingBudget: 32_768, ...thoughts },
    ["reasoning.effort", "reasoning.budgetTokens"],
  ],
  [
    "gemini-2.5-flash",
    { effort: "low", budgetTokens: 0 },
    { thinkingBudget: 1024, ...thoughts },
    ["reasoning.budgetTokens"],
  ],
  ["gemini-3-flash-preview", { effort: "minimal" }, { thinkingLevel: "minimal", ...thoughts }, []],
  ["gemini-3-flash-preview", { effort: "medium" }, { thinkingLevel: "medium", ...thoughts }, []],
  ["gemini-3.5-flash", { effort: "none" }, { thinkingLevel: "minimal" }, ["reasoning.effort"]],
  ["gemini-3-pro-preview", { effort: "none" }, { thinkingLevel: "low" }, ["reasoning.effort"]],
  [
    "gemini-3-pro-preview",
    { effort: "minimal" },
    { thinkingLevel: "low", ...thoughts },
    ["reasoning.effort"],
  ],
  [
    "gemini-3-pro-preview",
    { effort: "medium" },
    { thinkingLevel: "high", ...thoughts },
    ["reasoning.effort"],
  ],
  ["gemini-3.1-pro-preview", { effort: "medium" }, { thinkingLevel: "medium", ...thoughts }, []],
  [
    "gemini-3.1-pro-preview",
    { effort: "xhigh" },
    { thinkingLevel: "high", ...thoughts },
    ["reasoning.effort"],
  ],
  ["gemini-3-flash-preview", { budgetTokens: 5000 }, { thinkingBudget: 5000, ...thoughts }, []],
  [
    "gemini-3-flash-preview",
    { effort: "high", budgetTokens: 5000 },
    { thinkingLevel: "high", ...thoughts },
    ["reasoning.budgetTokens"],
  ],
  [
    "gemini-3.5-flash",
    { budgetTokens: 9000 },
    { thinkingLevel: "high", ...thoughts },
    ["reasoning.budgetTokens"],
  ],
  [
    "gemini-3.5-flash",
    { budgetTokens: 100 },
    { thinkingLevel: "minimal", ...thoughts },
    ["reasoning.budgetTokens"],
  ],
  ["gemini-3.5-flash-lite", { effort: "minimal" }, { thinkingLevel: "minimal", ...thoughts }, []],
  ["gemini-3.8-flash", { effort: "minimal" }, { thinkingLevel: "low", ...thoughts }, ["reasoning.effort"]],
  ["gemini-3.8-flash", { effort: "none" }, { thinkingLevel: "low" }, ["reasoning.effort"]],
  [
    "gemini-3.8-flash",
    { budgetTokens: 100 },
    { thinkingLevel: "low", ...thoughts },
    ["reasoning.budgetTokens"],
  ],
  ["gemini-flash-latest", { effort: "minimal" }, { thinkingLevel: "low", ...thoughts }, ["reasoning.effort"]],
  ["gemini-2.0-flash", { effort: "high" }, undefined, ["reasoning"]],
  ["gemini-2.0-flash", { effort: "none" }, undefined, []],
  ["gemini-2.5-flash-image", { effort: "high" }, undefined, ["reasoning"]],
  ["gemma-3-27b-it", { budgetTokens: 100 }, undefined, ["reasoning"]],
  ["tunedModels/mine", { effort: "high" }, { thinkingBudget: 24_576, ...thoughts }, []],
  ["gemini-pro-latest", { effort: "high" }, { thinkingLevel: "high", ...thoughts }, []],
])("%s, asked for %j", (model, wish, config, lost) => {
  expect(asked(model, wish)).toEqual({ config, lost });
});
