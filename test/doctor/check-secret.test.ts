import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkSecret } from "../../src/doctor/check-secret.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const look = (host: string, secret?: string) =>
  checkSecret({ host, secret, secretPrevious: [] }, join(folder, "secret")).look(AbortSignal.timeout(1_000));

it("says nothing of a secret that is given, or that a start may make, and makes none", async () => {
  expect(await look("0.0.0.0", "s".repeat(32))).toEqual([]);
  expect(await look("127.0.0.1")).toEqual([]);
  expect(await look("127.0.0.1")).toEqual([]);
});

it("says what is missing where others can reach the gateway, and what is wrong with a file", async () => {
  expect(await look("0.0.0.0")).toEqual([
    {
      verdict: "fail",
      subject: "secret",
      text: expect.stringMatching(/^SLUICE_SECRET is missing\..*openssl/),
    },
  ]);
  writeFileSync(join(folder, "secret"), "too short");
  expect(await look("::1")).toEqual([
    { verdict: "fail", subject: "secret", text: expect.stringMatching(/holds less than 32 bytes/) },
  ]);
});
