// The README's tables and `.env.example` say what the code does.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { settingTable } from "../src/config/setting-table.ts";
import { permissions, permissionsOfRole } from "../src/core/access/permissions.ts";
import { errorTable } from "../src/core/errors.ts";
import type { KindVariables } from "../src/core/kind-defaults.ts";
import { providerTable } from "../src/providers/provider-table.ts";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const exampleVariables = [
  ...readFileSync(join(root, ".env.example"), "utf8").matchAll(/^# ([A-Z_]+)=/gm),
].map((match) => match[1]);
const providers = Object.values(providerTable).toSorted((a, b) => a.defaultOrder - b.defaultOrder);
const variablesOf = (env: KindVariables | undefined): readonly string[] =>
  env === undefined ? [] : [env.apiKey, env.baseUrl, env.baseUrlAlias ?? [], env.model, env.priority].flat();

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

  it("has the providers in the order in which they are tried", () => {
    const table = readme.slice(readme.indexOf("| provider | key |"));
    const rows = table.slice(0, table.indexOf("\n\n")).split("\n").slice(2);
    expect(rows.map((row) => row.split(" | ")[0])).toEqual(providers.map(({ kind }) => `| ${kind}`));
  });

  it.each(providers.map((provider) => [provider.kind, provider]))(
    "has %s with its variables, its settings and its default model",
    (kind, { env, settings, defaultModel }) => {
      const row = readme.split("\n").find((line) => line.startsWith(`| ${kind} |`)) ?? "";
      for (const variable of variablesOf(env)) expect(row).toContain(`\`${variable}\``);
      for (const { key, variable } of settings) {
        expect(readme).toContain(`\`${key}\``);
        expect(readme).toContain(variable);
      }
      if (defaultModel !== undefined) expect(row).toMatch(new RegExp(` \\| ${defaultModel} \\|$`));
    },
  );

  it.each(Object.entries(errorTable))("has the error %s", (code, { http, grpc }) => {
    const shown = code === "overloaded" || code === "unavailable" ? "overloaded, unavailable" : code;
    expect(readme).toContain(`| ${shown} | ${http} | ${grpc} |`);
  });

  it.each(permissions)("has the permission %s with the roles that have it", (permission) => {
    const row = readme.split("\n").find((line) => line.startsWith(`| \`${permission}\` |`)) ?? "";
    const columns = ["owner", "admin", "developer", "viewer", "platform_admin"] as const;
    expect(readme).toContain(`| permission | ${columns.join(" | ")} |`);
    const has = columns.map((role) => (permissionsOfRole[role].has(permission) ? "✓" : ""));
    expect(row.split("|").map((cell) => cell.trim())).toEqual(["", `\`${permission}\``, ...has, ""]);
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
      ...providers.flatMap(({ env, settings }) =>
        variablesOf(env).concat(settings.map(({ variable }) => variable)),
      ),
    ];
    expect(new Set(exampleVariables)).toEqual(new Set(read));
    expect(exampleVariables).toHaveLength(read.length);
  });
});
