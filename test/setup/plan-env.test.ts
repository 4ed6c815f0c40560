import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { providerTable } from "../../src/providers/provider-table.ts";
import type { EnvFile } from "../../src/setup/env-file.ts";
import { planEnv } from "../../src/setup/plan-env.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-plan-"));
afterAll(() => rmSync(folder, { recursive: true }));
const noSecret = join(folder, "none");
const keptSecret = join(folder, "secret");
writeFileSync(keptSecret, `${"k".repeat(43)}\n`);

async function planned(
  file: Partial<EnvFile>,
  { environment = {}, secretFile = noSecret }: Partial<Parameters<typeof planEnv>[0]> = {},
) {
  const { text, configuration } = await planEnv({
    file: { example: "# HOST=\n", existing: undefined, values: {}, ...file },
    environment,
    kinds: Object.values(providerTable),
    secretFile,
  });
  return { values: parseEnv(text), ...configuration };
}

describe("whether callers need a key", () => {
  it("is said where nothing says it, and then they do", async () => {
    expect((await planned({})).values).toEqual({ AUTH_REQUIRED: "true" });
  });

  it("stays as .env, the environment or the YAML file say it", async () => {
    expect((await planned({ existing: "AUTH_REQUIRED=false" })).values).toEqual({ AUTH_REQUIRED: "false" });
    expect((await planned({}, { environment: { AUTH_REQUIRED: "false" } })).values).toEqual({});
    const yaml = join(folder, "own.yaml");
    writeFileSync(yaml, "authRequired: false\n");
    expect((await planned({}, { environment: { SLUICE_CONFIG: yaml } })).values).toEqual({});
  });

  it("is changed by who says so", async () => {
    const { values } = await planned({ existing: "AUTH_REQUIRED=false", values: { AUTH_REQUIRED: "true" } });
    expect(values).toEqual({ AUTH_REQUIRED: "true" });
  });
});

describe("the server's secret", () => {
  const reached = { existing: "AUTH_REQUIRED=true\nHOST=0.0.0.0" };

  it("is written for an address that others reach, long and another one each time", async () => {
    const [one, two] = await Promise.all([planned(reached), planned(reached)]);
    expect(one.values["SLUICE_SECRET"]).toMatch(/^[\w-]{43}$/);
    expect(one.settings.secret).toBe(one.values["SLUICE_SECRET"]);
    expect(two.values["SLUICE_SECRET"]).not.toBe(one.values["SLUICE_SECRET"]);
  });

  it("is the one that the gateway had on loopback: what was made with it stays valid", async () => {
    const { values } = await planned(reached, { secretFile: keptSecret });
    expect(values["SLUICE_SECRET"]).toBe("k".repeat(43));
  });

  it("stays where there is one", async () => {
    const existing = `${reached.existing}\nSLUICE_SECRET=${"s".repeat(32)}`;
    expect((await planned({ existing })).values["SLUICE_SECRET"]).toBe("s".repeat(32));
    const environment = { SLUICE_SECRET: "s".repeat(32) };
    expect((await planned(reached, { environment })).values["SLUICE_SECRET"]).toBeUndefined();
  });

  it("is none of .env's business on loopback", async () => {
    const { values } = await planned({ values: { HOST: "::1" } }, { secretFile: keptSecret });
    expect(values).toEqual({ HOST: "::1", AUTH_REQUIRED: "true" });
  });
});

it("what the gateway would not start with is refused", async () => {
  const values = { AZURE_OPENAI_API_KEY: "secret" };
  await expect(planned({ values })).rejects.toThrow(/^environment: AZURE_OPENAI_ENDPOINT .*is missing/);
  await expect(planned({ existing: "HTTP_PORT=x" })).rejects.toThrow("HTTP_PORT: must be");
});
