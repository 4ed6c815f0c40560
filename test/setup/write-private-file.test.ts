import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { writePrivateFile } from "../../src/setup/write-private-file.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-private-"));
afterAll(() => rmSync(root, { recursive: true }));
let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(root, "f-"));
  file = join(folder, ".env");
});
const modeOf = (path: string) => statSync(path).mode & 0o777;

it("makes a file for its owner alone, whatever the umask", () => {
  const before = process.umask(0);
  try {
    writePrivateFile(file, "A=1\n");
  } finally {
    process.umask(before);
  }
  expect(readFileSync(file, "utf8")).toBe("A=1\n");
  expect(modeOf(file)).toBe(0o600);
});

it("puts a new file in the place of the old one, which is never half written or open to others", () => {
  writeFileSync(file, "A=1\n", { mode: 0o644 });
  const { ino } = statSync(file);
  writePrivateFile(file, "A=2\n");
  expect(readFileSync(file, "utf8")).toBe("A=2\n");
  expect(statSync(file).ino).not.toBe(ino);
  expect(modeOf(file)).toBe(0o600);
  expect(readdirSync(folder)).toEqual([".env"]);
});

it("takes what is right already from others' eyes, and changes nothing else", () => {
  writeFileSync(file, "A=1\n");
  chmodSync(file, 0o644);
  const { ino, mtimeMs } = statSync(file);
  writePrivateFile(file, "A=1\n");
  expect(statSync(file)).toMatchObject({ ino, mtimeMs });
  expect(modeOf(file)).toBe(0o600);
});

it("writes what a link leads to", () => {
  const target = join(folder, "kept-elsewhere");
  writeFileSync(target, "A=1\n");
  symlinkSync(target, file);
  writePrivateFile(file, "A=2\n");
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, "utf8")).toBe("A=2\n");
});

it("says what is in the way", () => {
  expect(() => writePrivateFile(join(folder, "gone", ".env"), "A=secret\n")).toThrow(
    /\.env cannot be written \(ENOENT\)\. Let this user write it and its folder/,
  );
  expect(() => writePrivateFile(folder, "A=secret\n")).toThrow(/cannot be written \(EISDIR\)/);
});
