// The README's tables and `.env.example` say what the code does.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { settingTable } from "../src/config/setting-table.ts";
import { errorTable } from "../src/core/errors.ts";
import { providerTable } from "../src/providers/provider-table.ts";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const exampleVariables = [
  ...readFileSync(join(root, ".env.example"), "utf8").matchAll(/^# ([A-Z_]+)=/gm),
].map((match) => match[1]);
const providers = Object.values(providerTable).toSorted((a, b) => a.defaultOrder - b.defaultOrder);

describe("the README", () => {
  it.each(Object.values(settingTable).map((setting) => [setting.variable, setting]))(
    "has %s with its default",
    (variable, { fallback }) => {
      const row = readme.split("\n").find((line) => line.startsWith(`| \`${variable}\` |`));
      expect(row, `a row for ${variable}`).toBeDefined();
      const given = String(fallback ?? "");
      if (given !== "") expect(row).toContain(`| ${given} |`);
    },
  );

  it("has each provider with its key and default model, in the order in which they are tried", () => {
    const rows = [...readme.matchAll(/^\| (\w+) \| `(\w+_API_KEY)` \| .* \| (\S+) \|$/gm)];
    expect(rows.map(([, name, key, model]) => [name, key, model])).toEqual(
      providers.map(({ kind, env, defaultModel }) => [kind, env.apiKey, defaultModel]),
    );
  });

  it.each(Object.entries(errorTable))("has the error %s", (code, { http, grpc }) => {
    const shown = code === "overloaded" || code === "unavailable" ? "overloaded, unavailable" : code;
    expect(readme).toContain(`| ${shown} | ${http} | ${grpc} |`);
  });

  it("names every dependency with its reason", () => {
    const packages: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const rows = readme.slice(readme.indexOf("| package | why |"), readme.indexOf("## Decisions"));
    expect(packages).toMatchObject({ dependencies: expect.any(Object) });
    const names = Object.keys(Object.getOwnPropertyDescriptor(packages, "dependencies")?.value ?? {});
    for (const name of names) expect(rows).toContain(name.split("/").at(-1));
  });
});

describe(".env.example", () => {
  it("has every variable that is read, and no other", () => {
    const read = [
      ...Object.values(settingTable).map(({ variable }) => variable),
      "SLUICE_CONFIG",
      "SLUICE_FIXTURES",
      ...providers.flatMap(({ env }) => Object.values(env)),
    ];
    expect(new Set(exampleVariables)).toEqual(new Set(read));
    expect(exampleVariables).toHaveLength(read.length);
  });
});
