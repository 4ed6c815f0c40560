// Where what Node has compiled is kept.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const root = realpathSync(mkdtempSync(join(tmpdir(), "sluice-compile-cache-")));
afterAll(() => rmSync(root, { recursive: true }));
writeFileSync(join(root, "package.json"), '{"type":"module"}');

function folderOf(place: string, environment: Record<string, string> = {}): string {
  const file = join(root, place, "compile-cache.ts");
  mkdirSync(join(root, place), { recursive: true });
  cpSync(join(import.meta.dirname, "..", "src", "compile-cache.ts"), file);
  const code = `await import(${JSON.stringify(file)}); process.stdout.write(process.env.NODE_COMPILE_CACHE)`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
    env: environment,
  }).toString();
}

it.each(["src", "dist/src"])("is beside the packages for what stands in %s", (place) => {
  expect(folderOf(place)).toBe(join(root, "node_modules", ".cache", "compile"));
});

it("is where the operator wants it", () => {
  const wanted = join(root, "wanted");
  expect(folderOf("src", { NODE_COMPILE_CACHE: wanted })).toBe(wanted);
});
