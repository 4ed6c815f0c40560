import { describe, expect, test } from "vitest";

import { exampleArguments, exampleFromSchema } from "../../src/demo/json-example.ts";

describe("an example made from a schema", () => {
  test("has every property, with the types and bounds asked for", () => {
    const schema = {
      type: "object",
      properties: {
        city: { type: "string" },
        unit: { enum: ["celsius", "fahrenheit"] },
        days: { type: "integer", minimum: 3, maximum: 7 },
        share: { type: "number", exclusiveMinimum: 0, maximum: 1 },
        code: { type: "string", minLength: 12, maxLength: 12 },
        on: { type: "string", format: "date" },
        tags: { type: "array", items: { type: "string" }, minItems: 2 },
        exact: { const: 42 },
        maybe: { type: ["null", "boolean"] },
        steps: { type: "integer", multipleOf: 5 },
      },
      required: ["city", "unlisted"],
    };
    expect(exampleFromSchema(schema)).toEqual({
      city: "demo city",
      unit: "celsius",
      days: 3,
      share: 0.5 + 0.5,
      code: "demo code...",
      on: "2026-01-01",
      tags: ["demo tags", "demo tags 2"],
      exact: 42,
      maybe: true,
      steps: 5,
      unlisted: "demo unlisted",
    });
  });

  test("follows references, allOf and the first alternative that is not null", () => {
    const schema = {
      allOf: [{ properties: { a: { $ref: "#/$defs/name" } } }, { properties: { b: { type: "boolean" } } }],
      $defs: { name: { anyOf: [{ type: "null" }, { type: "string", maxLength: 4 }] } },
    };
    expect(exampleFromSchema(schema)).toEqual({ a: "demo", b: true });
  });

  test("comes to an end in a schema that contains itself", () => {
    const tree = { type: "object", properties: { child: { $ref: "#" }, other: { $ref: "#" } } };
    expect(JSON.stringify(exampleFromSchema(tree)).length).toBeLessThan(2000);
    const endless = { ...tree, required: ["child", "other"] };
    expect(JSON.stringify(exampleFromSchema(endless)).length).toBeLessThan(200_000);
    expect(exampleFromSchema({ $ref: "#" })).toBe("demo value");
  });

  test("is an object for a tool without a schema, and differs from call to call", () => {
    const schema = { type: "object", properties: { city: { type: "string" } } };
    expect(exampleArguments(undefined)).toEqual({});
    expect(exampleArguments(schema, 1)).not.toEqual(exampleArguments(schema, 2));
  });
});
