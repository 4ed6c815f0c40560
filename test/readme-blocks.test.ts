// The README's configuration files load, and its GraphQL documents fit the schema.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { schema } from "../src/api/graphql/schema.ts";
import { loadConfiguration } from "../src/config/load-configuration.ts";
import { parseYamlFile } from "../src/config/yaml-file.ts";
import { providerTable } from "../src/providers/provider-table.ts";

const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(
    (match) => match[1] ?? "",
  );

const environment = {
  GROQ_API_KEY: "key",
  OPENAI_API_KEY: "key",
  OPENROUTER_API_KEY: "key",
  VLLM_BASE_URL: "http://127.0.0.1:8000/v1",
  AZURE_OPENAI_API_KEY: "key",
  AZURE_OPENAI_ENDPOINT: "https://one.example",
  AZURE_OPENAI_DEPLOYMENTS: "my-gpt=mine",
};

describe("the README's", () => {
  it("configuration files are accepted", () => {
    const files = blocks("yaml");
    expect(files).toHaveLength(4);
    for (const text of files) {
      const file = {
        path: "sluice.yaml",
        content: parseYamlFile(text, { path: "sluice.yaml", environment }),
      };
      const kinds = Object.values(providerTable);
      expect(loadConfiguration({ flags: {}, environment, kinds, file })).toBeDefined();
    }
  });

  it("GraphQL documents are valid", () => {
    const documents = blocks("graphql");
    expect(documents).toHaveLength(6);
    for (const text of documents) expect(validate(schema, parse(text))).toEqual([]);
  });
});
