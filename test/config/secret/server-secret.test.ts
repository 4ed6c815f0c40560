import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ConfigurationError } from "../../../src/config/configuration.ts";
import { makeSecretFile } from "../../../src/config/secret/secret-file.ts";
import { serverSecret } from "../../../src/config/secret/server-secret.ts";

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-secret-"));
  file = join(folder, ".sluice", "secret");
});
afterEach(() => rmSync(folder, { recursive: true }));

const given = "x".repeat(32);
const secretOn = (host: string, secret?: string) => serverSecret({ host, secret, secretPrevious: [] }, file);

it.each(["127.0.0.1", "127.1.2.3", "::1", "localhost"])(
  "on %s it is made when it is first needed, for its owner alone, and the next start has the same",
  (host) => {
    const secret = secretOn(host);
    expect(secret.known()).toBeUndefined();
    expect(existsSync(dirname(file))).toBe(false);
    const made = secret.current();
    expect(Buffer.byteLength(made)).toBeGreaterThanOrEqual(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(file))).toEqual(["secret"]);
    expect(secretOn(host).known()).toBe(made);
    expect(secretOn(host).current()).toBe(made);
  },
);

it.each(["0.0.0.0", "::", "192.168.1.5", "gateway.internal", "127.0.0.1.example.com"])(
  "on %s a start without one ends, and says how to make one",
  (host) => {
    expect(() => secretOn(host)).toThrow(
      expect.objectContaining({
        name: "ConfigurationError",
        message: expect.stringMatching(/^SLUICE_SECRET is missing\. HOST is .*openssl rand -hex 32/),
      }),
    );
    expect(secretOn(host, given).current()).toBe(given);
    expect(existsSync(dirname(file))).toBe(false);
  },
);

it("one that is set goes before the file, which is not made", () => {
  expect(secretOn("127.0.0.1", given).current()).toBe(given);
  expect(existsSync(file)).toBe(false);
});

it("one that another process has made meanwhile is not replaced", () => {
  const first = makeSecretFile(file);
  expect(makeSecretFile(file)).toBe(first);
  expect(readFileSync(file, "utf8")).toBe(`${first}\n`);
});

it.each(["", "short\n"])("a file that holds %j is refused, and stays as it is", (content) => {
  mkdirSync(dirname(file));
  writeFileSync(file, content);
  expect(() => secretOn("127.0.0.1").current()).toThrow(/holds less than 32 bytes.*set SLUICE_SECRET/);
  expect(readFileSync(file, "utf8")).toBe(content);
});

it("a folder that cannot be written is told with what to do", () => {
  writeFileSync(join(folder, ".sluice"), "a file in the folder's place");
  chmodSync(join(folder, ".sluice"), 0o600);
  expect(() => makeSecretFile(file)).toThrow(ConfigurationError);
  expect(() => makeSecretFile(file)).toThrow(/cannot be made \(E[A-Z]+\)\. .*set SLUICE_SECRET/);
});
