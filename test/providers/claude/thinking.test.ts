import { describe, expect, test } from "vitest";
import type { ChatRequest, ReasoningWish, ToolChoice } from "../../../src/core/chat/request.ts";
import { planClaudeThinking } from "../../../src/providers/claude/thinking.ts";
import { claudeToolChoice } from "../../../src/providers/claude/tool-choice.ts";
import { claudeTraitsOf } from "../../../src/providers/claude/traits.ts";
import { createLossList } from "../../../src/providers/loss-list.ts";

function planned(model: string, request: Partial<ChatRequest>, demandEndsThinking = false) {
  const losses = createLossList();
  const messages = [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] as const;
  const context = { traits: claudeTraitsOf(model), isUnproven: false, demandEndsThinking, losses };
  const plan = planClaudeThinking({ messages, ...request }, context);
  return { ...plan, lost: losses.all.map(({ field }) => field) };
}

const adaptive = { type: "adaptive", display: "summarized" };

describe("no reasoning", () => {
  test.each<[string, unknown, string | undefined]>([
    ["claude-haiku-4-5", undefined, undefined],
    ["claude-opus-4-8", undefined, undefined],
    ["claude-sonnet-5", { type: "disabled" }, undefined],
    ["anthropic.claude-opus-5-v1", { type: "disabled" }, undefined],
    ["claude-haiku-5-5", { type: "disabled" }, undefined],
    ["claude-sonnet-5-5", { type: "between_tools" }, undefined],
    ["claude-opus-5-5", undefined, "low"],
    ["claude-fable-5", undefined, "low"],
    ["claude-mythos-preview", undefined, "low"],
    ["claude-sonnet-6", undefined, "low"],
  ])("of %s is asked for by the thinking %o and the effort %s", (model, thinking, effort) => {
    for (const reasoning of [{ effort: "none" }, { budgetTokens: 0 }] as const satisfies ReasoningWish[]) {
      const plan = planned(model, { reasoning });
      expect([plan.thinking, plan.effort]).toEqual([thinking, effort]);
      expect(plan.lost).toEqual(effort === undefined ? [] : [`reasoning.${Object.keys(reasoning).join()}`]);
    }
  });

  test("said of a model that reasons unasked leaves room for it", () => {
    expect(planned("claude-sonnet-5", {})).toEqual({ roomTokens: 24_576, lost: [] });
    expect(planned("claude-opus-4-8", {})).toEqual({ roomTokens: 0, lost: [] });
  });
});

test("the highest effort is sent to models that have it", () => {
  const reasoning = { effort: "xhigh" } as const;
  expect(planned("claude-opus-4-7", { reasoning })).toEqual({
    thinking: adaptive,
    effort: "xhigh",
    roomTokens: 49_152,
    lost: [],
  });
  expect(planned("claude-opus-4-6", { reasoning })).toMatchObject({
    effort: "high",
    lost: ["reasoning.effort"],
  });
});

describe("a demanded tool call", () => {
  const tools = [{ name: "f" }];
  const demand: Partial<ChatRequest> = { tools, toolChoice: { type: "required" } };
  const low: Partial<ChatRequest> = { ...demand, reasoning: { effort: "low" } };

  test("goes beside an effort, but beside no budget", () => {
    expect(planned("claude-sonnet-5", low)).toMatchObject({ thinking: adaptive, effort: "low", lost: [] });
    expect(planned("claude-opus-4-6", low)).toMatchObject({ thinking: adaptive, effort: "low", lost: [] });
    const budget = { ...demand, reasoning: { budgetTokens: 2000 } };
    expect(planned("claude-opus-4-6", budget)).toEqual({ roomTokens: 0, lost: ["reasoning"] });
    expect(planned("claude-haiku-4-5", low)).toEqual({ roomTokens: 0, lost: ["reasoning"] });
  });

  test("ends reasoning where the party that serves the model asks for that", () => {
    const off = { thinking: { type: "disabled" }, roomTokens: 0 };
    expect(planned("claude-sonnet-5", demand, true)).toEqual({ ...off, lost: [] });
    expect(planned("claude-sonnet-5", low, true)).toEqual({ ...off, lost: ["reasoning"] });
    expect(planned("claude-opus-4-8", demand, true)).toEqual({ roomTokens: 0, lost: [] });
    expect(planned("claude-opus-5-5", low, true)).toMatchObject({ thinking: adaptive, lost: [] });
  });

  test.each<[string, ToolChoice, ToolChoice]>([
    ["claude-sonnet-5", { type: "required" }, { type: "required" }],
    ["claude-haiku-5-5", { type: "tool", name: "f" }, { type: "tool", name: "f" }],
    ["claude-opus-5-5", { type: "required" }, { type: "auto" }],
    ["claude-fable-5", { type: "tool", name: "f" }, { type: "auto" }],
    ["claude-mythos-preview", { type: "required" }, { type: "auto" }],
    ["claude-opus-5-5", { type: "none" }, { type: "none" }],
  ])("%s is sent for %o as %o", (model, choice, sent) => {
    const losses = createLossList();
    expect(claudeToolChoice(choice, { traits: claudeTraitsOf(model), losses })).toEqual(sent);
    expect(losses.all.map(({ field }) => field)).toEqual(sent.type === choice.type ? [] : ["toolChoice"]);
  });
});
