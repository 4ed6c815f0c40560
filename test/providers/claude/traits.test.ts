import { expect, test } from "vitest";
import { claudeTraitsOf } from "../../../src/providers/claude/traits.ts";

test.each([
  ["claude-opus-4-7", 407, "effort"],
  ["global.anthropic.claude-opus-4-7", 407, "effort"],
  ["claude-sonnet-5", 500, "effort"],
  ["claude-mythos-preview", undefined, "effort"],
  ["anthropic/claude-opus-4.6", 406, "either"],
  ["claude-haiku-4-5-20251001", 405, "budget"],
  ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", 405, "budget"],
  ["claude-sonnet-4@20250514", 400, "budget"],
  ["claude-opus-4-20250514", 400, "budget"],
  ["claude-3-7-sonnet-latest", 307, "budget"],
  ["claude-3-5-haiku-20241022", 305, "none"],
  ["anthropic.claude-3-haiku-20240307-v1:0", 300, "none"],
  ["anthropic.claude-v2:1", 200, "none"],
  ["anthropic.claude-instant-v1", 100, "none"],
  ["another-model", undefined, "budget"],
])("%s is of version %s and reasons by %s", (model, version, thinking) => {
  expect(claudeTraitsOf(model)).toMatchObject({ version, thinking, sampling: thinking !== "effort" });
});

const both = (model: string) => claudeTraitsOf(model).temperatureWithTopP;

test("temperature and top_p go together up to 4.0", () => {
  expect(
    ["claude-3-7-sonnet", "claude-opus-4-20250514", "claude-opus-4-1", "claude-opus-4-7"].map(both),
  ).toEqual([true, true, false, false]);
});
