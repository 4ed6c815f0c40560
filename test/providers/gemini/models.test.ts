import { expect, test } from "vitest";
import { resourcePath, splitBaseUrl } from "../../../src/providers/gemini/model-name.ts";
import { readModelPage } from "../../../src/providers/gemini/models.ts";

test("a model with its limits, operations and whether it reasons", () => {
  const page = readModelPage(
    JSON.stringify({
      models: [
        {
          name: "models/gemini-x",
          displayName: "Gemini X",
          inputTokenLimit: 100,
          outputTokenLimit: 10,
          supportedGenerationMethods: ["generateContent", "countTokens"],
          thinking: true,
        },
        { name: "models/embedding-x", supportedGenerationMethods: ["embedContent"] },
        { name: "tunedModels/mine", inputTokenLimit: -1 },
        { displayName: "nameless" },
        7,
      ],
      nextPageToken: "t",
    }),
  );
  expect(page).toEqual({
    models: [
      {
        id: "gemini-x",
        displayName: "Gemini X",
        operations: ["chat"],
        contextTokens: 100,
        maxOutputTokens: 10,
        capabilities: { reasoning: true },
      },
      { id: "embedding-x", operations: ["embed"] },
      { id: "tunedModels/mine" },
    ],
    nextPageToken: "t",
  });
});

test("an empty page, and what is none", () => {
  expect(readModelPage("{}")).toEqual({ models: [] });
  for (const text of ["", "[]", '{"models":7}']) {
    expect(() => readModelPage(text)).toThrow(expect.objectContaining({ failure: "broken_reply" }));
  }
});

test.each([
  ["gemini-2.5-flash", "models/gemini-2.5-flash"],
  ["models/gemini-2.5-flash", "models/gemini-2.5-flash"],
  ["tunedModels/my model", "tunedModels/my%20model"],
  ["a/b?c#d:e", "models/a%2Fb%3Fc%23d%3Ae"],
  ["../x", "models/..%2Fx"],
  ["\ud800", "models/%EF%BF%BD"],
])("the path of %s", (model, path) => {
  expect(resourcePath(model)).toBe(path);
});

test.each([
  ["https://e.org", "https://e.org", "/v1beta"],
  ["https://e.org/", "https://e.org", "/v1beta"],
  ["https://e.org/v1beta/", "https://e.org", "/v1beta"],
  ["https://e.org/proxy/v1alpha", "https://e.org/proxy", "/v1alpha"],
  ["https://e.org/gemini", "https://e.org/gemini", "/v1beta"],
])("the base URL %s", (url, baseUrl, version) => {
  expect(splitBaseUrl(url)).toEqual({ baseUrl, version });
});
