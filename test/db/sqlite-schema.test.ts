import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { openSqlite } from "../../src/db/sqlite-open.ts";
import { createOrm } from "../../src/db/sqlite-orm.ts";

it("the migrations make what the entities say", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-schema-"));
  const database = await openSqlite(join(folder, "sluice.db"), true);
  const orm = await createOrm(database.native);
  const change = await orm.schema.getUpdateSchemaSQL({ dropTables: false });
  expect(change.replaceAll(/pragma.*;/g, "").trim()).toBe("");
  database.close();
  await rm(folder, { recursive: true });
});

it("the serving thread loads nothing of MikroORM and no driver before it is known which", async () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  async function visit(file: string): Promise<void> {
    if (seen.has(file)) return;
    seen.add(file);
    const text = await readFile(file, "utf8");
    for (const [, clause = "", from = ""] of text.matchAll(
      /^(?:import|export)\s([^;]*?)from "([^"]+)";/gms,
    )) {
      if (clause.startsWith("type ")) continue;
      if (from.startsWith(".")) await visit(resolve(dirname(file), from));
      else packages.add(from);
    }
  }
  await visit(fileURLToPath(new URL("../../src/db/database.ts", import.meta.url)));
  expect(seen.size).toBeGreaterThan(8);
  expect([...packages].filter((name) => !name.startsWith("node:"))).toEqual([]);
  expect([...packages]).toContain("node:worker_threads");
});
