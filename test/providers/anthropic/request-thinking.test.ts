import { describe, expect, test } from "vitest";
import type { ChatRequest, Message } from "../../../src/core/chat/request.ts";
import { buildAnthropicRequest } from "../../../src/providers/anthropic/request.ts";

const hello: Message = { role: "user", parts: [{ type: "text", text: "Hello" }] };
const olderModel = "claude-haiku-4-5-20251001";
const newerModel = "claude-opus-4-7";

function build(request: Partial<ChatRequest>, model = olderModel) {
  const { body, losses } = buildAnthropicRequest(
    { messages: [hello], ...request },
    { model, delivery: "unary" },
  );
  return { ...body, lost: losses.map((loss) => loss.field) };
}

const enabled = (budget_tokens: number) => ({ type: "enabled", budget_tokens });

describe("reasoning asked of Anthropic", () => {
  test.each<
    [NonNullable<ChatRequest["reasoning"]>, number | undefined, number | undefined, number, string[]]
  >([
    [{ effort: "none" }, undefined, undefined, 4096, []],
    [{}, undefined, undefined, 4096, []],
    [{ budgetTokens: 0 }, 100, undefined, 100, []],
    [{ effort: "low" }, undefined, 1024, 5120, []],
    [{ effort: "medium" }, undefined, 8192, 12_288, []],
    [{ effort: "high" }, 30_000, 24_576, 30_000, []],
    [{ effort: "high" }, 4000, 2000, 4000, ["reasoning.effort"]],
    [{ effort: "high" }, 1000, undefined, 1000, ["reasoning"]],
    [{ effort: "minimal" }, undefined, 1024, 5120, ["reasoning.effort"]],
    [{ budgetTokens: 2000 }, undefined, 2000, 6096, []],
    [{ budgetTokens: 2000 }, 3000, 2000, 3000, []],
    [{ budgetTokens: 10 }, undefined, 1024, 5120, ["reasoning.budgetTokens"]],
    [{ budgetTokens: 9000 }, 4000, 2000, 4000, ["reasoning.budgetTokens"]],
    [{ budgetTokens: 9000 }, 1025, 1024, 1025, ["reasoning.budgetTokens"]],
    [{ budgetTokens: 9000 }, 1024, undefined, 1024, ["reasoning"]],
    [{ budgetTokens: 2000, effort: "high" }, 3000, 2000, 3000, ["reasoning.effort"]],
    [{ budgetTokens: 2000, effort: "none" }, 3000, undefined, 3000, ["reasoning.budgetTokens"]],
  ])(
    "%o with a limit of %s becomes a budget of %s and a limit of %s",
    (reasoning, limit, budget, max, lost) => {
      const built = build({ reasoning, maxOutputTokens: limit });
      expect(built.thinking).toEqual(budget === undefined ? undefined : enabled(budget));
      expect([built.max_tokens, built.lost]).toEqual([max, lost]);
    },
  );

  test("is an effort for models that refuse a budget", () => {
    const built = build({ reasoning: { effort: "high", budgetTokens: 5000 } }, newerModel);
    expect(built).toMatchObject({
      thinking: { type: "adaptive", display: "summarized" },
      output_config: { effort: "high" },
      lost: ["reasoning.budgetTokens"],
    });
  });

  test("is an effort or a budget, as asked, for models that take both", () => {
    expect(build({ reasoning: { effort: "low" } }, "claude-opus-4-6").output_config).toEqual({
      effort: "low",
    });
    expect(build({ reasoning: { budgetTokens: 2000 } }, "claude-opus-4-6").thinking).toEqual(enabled(2000));
  });

  test("stands beside a JSON schema", () => {
    const responseFormat = { type: "json_schema", name: "a", schema: { type: "object" } } as const;
    expect(build({ reasoning: { effort: "low" }, responseFormat }, newerModel).output_config).toEqual({
      format: { type: "json_schema", schema: { type: "object" } },
      effort: "low",
    });
  });

  test("displaces the sampling that Anthropic does not take with it", () => {
    const sampling = { temperature: 0.2, topK: 3, topP: 0.99 };
    const built = build({ reasoning: { effort: "low" }, sampling });
    expect(built.lost).toEqual(["sampling.temperature", "sampling.topK"]);
    expect(built).toMatchObject({ top_p: 0.99 });
    expect(built).not.toHaveProperty("temperature");
  });

  test("gives way to a demanded tool call", () => {
    const built = build({
      reasoning: { effort: "low" },
      tools: [{ name: "f" }],
      toolChoice: { type: "required" },
    });
    expect([built.thinking, built.lost]).toEqual([undefined, ["reasoning"]]);
  });

  test("needs signed reasoning at the beginning of a turn that goes on", () => {
    const turn = (signature: string | undefined): readonly Message[] => [
      hello,
      {
        role: "assistant",
        parts: [
          { type: "reasoning", text: "Hm", signature },
          { type: "tool_call", id: "1", name: "f", argumentsJson: "{}" },
        ],
      },
      { role: "tool", parts: [{ type: "tool_result", toolCallId: "1", content: [] }] },
    ];
    const reasoning = { effort: "low" } as const;
    expect(build({ reasoning, messages: turn("sig") }).thinking).toEqual(enabled(1024));
    expect(build({ reasoning, messages: turn(undefined) }).lost).toEqual([
      "messages[1].parts[0]",
      "reasoning",
    ]);
    expect(build({ reasoning, messages: [...turn(undefined), hello] }).thinking).toBeUndefined();
  });
});
