import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ConfigurationError } from "../../src/config/configuration.ts";
import { readSources } from "../../src/config/read-sources.ts";

const startedIn = process.cwd();
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-sources-"));
  process.chdir(folder);
});
afterEach(async () => {
  process.chdir(startedIn);
  await rm(folder, { recursive: true });
});

const read = (environment: Record<string, string> = {}, argv: readonly string[] = []) =>
  readSources({ argv, environment, kinds: [] });

it("the environment wins over .env, and the flag over both", async () => {
  await writeFile(".env", "HTTP_PORT=1\nGRPC_PORT=2\nSLUICE_CONFIG=a.yaml\n");
  await writeFile("a.yaml", "httpPort: 3");
  await writeFile("b.yaml", "httpPort: 4");
  expect(await read({ HTTP_PORT: "5" })).toMatchObject({
    environment: { HTTP_PORT: "5", GRPC_PORT: "2" },
    file: { path: "a.yaml", content: { httpPort: 3 } },
  });
  expect((await read({}, ["--config", "b.yaml"])).file).toMatchObject({ path: "b.yaml" });
});

it("an empty SLUICE_CONFIG is not set: sluice.yaml is read where it is there", async () => {
  expect((await read({ SLUICE_CONFIG: "" })).file).toBeUndefined();
  await writeFile("sluice.yaml", "httpPort: 3");
  expect((await read({ SLUICE_CONFIG: "" })).file).toMatchObject({ path: "sluice.yaml" });
});

it.each([".env", "sluice.yaml"])("a %s that cannot be read is told by its name", async (name) => {
  await mkdir(name);
  await expect(read()).rejects.toThrow(ConfigurationError);
  await expect(read()).rejects.toThrow(`${name}: cannot be read: EISDIR`);
});

it("a file that is named and is not there is told by its name", async () => {
  await expect(read({ SLUICE_CONFIG: "none.yaml" })).rejects.toThrow("none.yaml: cannot be read: ENOENT");
});
