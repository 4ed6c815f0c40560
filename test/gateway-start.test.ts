import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configurationOf, createGateway } from "../src/gateway.ts";

function ledgerBefore(): never {
  throw new Error("late");
}

test("a start that fails late leaves nothing open: the next one has the database", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-late-"));
  const configuration = configurationOf({ DATABASE_URL: `sqlite:${join(folder, "sluice.db")}` });
  const resources = { log: { info() {}, warn() {}, error() {} }, secretFile: join(folder, "secret") };
  await expect(createGateway(configuration, { ...resources, ledgerBefore })).rejects.toThrow("late");
  const gateway = await createGateway(configuration, resources);
  await gateway.close();
  await rm(folder, { recursive: true });
});
