import { expect, test } from "vitest";
import { createLossList } from "../../src/providers/loss-list.ts";
import { argumentsObject } from "../../src/providers/tool-arguments.ts";
import { wordId } from "../../src/providers/word-id.ts";

function sent(argumentsJson: string) {
  const losses = createLossList();
  const part = { type: "tool_call", id: "1", name: "f", argumentsJson } as const;
  const object = argumentsObject(part, { vendorName: "Acme", field: "messages[0].parts[1]", losses });
  return { object, losses: losses.all };
}

test("arguments are the object that their text is; no text is an empty one", () => {
  expect(sent('{"city":"Bern"}')).toEqual({ object: { city: "Bern" }, losses: [] });
  expect(sent("  ")).toEqual({ object: {}, losses: [] });
});

test.each(["[1]", '"x"', '{"city":', `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`])(
  "other text becomes a member, as a loss",
  (argumentsJson) => {
    expect(sent(argumentsJson)).toEqual({
      object: { arguments: argumentsJson },
      losses: [
        {
          field: "messages[0].parts[1].argumentsJson",
          detail:
            "Sent as the member `arguments` of an object: Acme takes a JSON object of moderate depth alone.",
        },
      ],
    });
  },
);

test.each<[string, boolean]>([
  ['{"id":12345678901234567890}', true],
  ['{"ids":[-9007199254740993]}', true],
  ['{"id":9007199254740991,"text":"12345678901234567890, \\"12345678901234567890"}', false],
  ['{"x":0.12345678901234567,"y":1e300}', false],
])("of %s whole numbers lose digits: %s", (argumentsJson, isLoss) => {
  const { object, losses } = sent(argumentsJson);
  expect(object).toEqual(JSON.parse(argumentsJson));
  expect(losses).toHaveLength(isLoss ? 1 : 0);
});

test("an id keeps its letters, and the same one always becomes the same", () => {
  expect(wordId("call_1-a")).toBe("call_1-a");
  expect(wordId("call:1")).toBe("call_3a1");
});
