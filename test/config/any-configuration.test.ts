// Whatever stands in the environment or the file: it is read, or refused with a message for a person.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../src/config/configuration.ts";
import { readSources } from "../../src/config/read-sources.ts";
import { parseNetworks } from "../../src/config/networks.ts";
import { settingTable } from "../../src/config/setting-table.ts";
import { parseYamlFile } from "../../src/config/yaml-file.ts";
import { DatabaseError, parseDatabaseUrl } from "../../src/db/database-url.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "0",
    "-1",
    "1e3",
    "0x10",
    " 1",
    "1.5",
    "99999999999999999999",
    "TRUE",
    "a,b,,",
    "::1/",
    "/",
  ),
);

describe.each(Object.entries(settingTable))("%s", (_, { kind, fallback }) => {
  test("any text is allowed or not, and never throws", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const value: unknown = kind.parse(text);
        if (typeof value === "number") expect(String(value)).toBe(String(Number(text)));
        if (typeof fallback === "number") expect(["number", "undefined"]).toContain(typeof value);
      }),
      { numRuns: 50 },
    );
  });
});

describe("networks", () => {
  test.each([
    "127.0.0.1/",
    "10.0.0.0/ 8",
    "10.0.0.0/0x8",
    "10.0.0.0/1e1",
    "10.0.0.0/8/8",
    "10.0.0.0/33",
    "/8",
    "",
  ])("%j is none", (network) => expect(parseNetworks([network])).toBeUndefined());

  test("an address is in its own network of any length, and in no longer one of another", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), (address, bits, other) => {
        const isInside = parseNetworks([`${address}/${bits}`]);
        expect(isInside?.(address)).toBe(true);
        const same = bits === 0 || numberOf(address) >>> (32 - bits) === numberOf(other) >>> (32 - bits);
        expect(isInside?.(other)).toBe(same);
      }),
    );
  });
});

const numberOf = (address: string): number =>
  address.split(".").reduce((number, byte) => ((number << 8) | Number(byte)) >>> 0, 0);

test("any command line is read, or refused", async () => {
  const anyArgument = fc.oneof(
    anyText,
    fc.constantFrom("--host", "--http-port=1", "--", "-x", "--=", "--no-", "-"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anyArgument, { maxLength: 5 }), async (argv) => {
      try {
        const { flags } = await readSources({ argv, environment: {}, kinds: [] });
        for (const value of Object.values(flags)) expect(typeof value).toBe("string");
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError);
      }
    }),
    { numRuns: 300 },
  );
});

test("any text as DATABASE_URL is a place, or refused without its password", () => {
  const secret = "hunter2";
  const anyUrl = fc
    .tuple(fc.constantFrom("sqlite:", "postgresql://", "postgres://a:", "mysql://", ""), anyText, anyText)
    .map(([scheme, before, after]) => `${scheme}${before}${secret}@${after}`);
  fc.assert(
    fc.property(fc.oneof(anyUrl, anyText), (url) => {
      try {
        expect(["sqlite", "postgres"]).toContain(parseDatabaseUrl(url).kind);
      } catch (error) {
        if (!(error instanceof DatabaseError)) throw error;
        expect(error.message).not.toContain(secret);
      }
    }),
    { numRuns: 500 },
  );
});

test("any text as the YAML file is a configuration, or refused naming the file", () => {
  const anyYaml = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc
      .array(
        fc.constantFrom(
          "providers",
          "routes",
          ":",
          " ",
          "\n",
          "  ",
          "- ",
          "&a ",
          "*a",
          "<<: ",
          "{",
          "]",
          "__proto__",
          "!!js ",
          "? ",
          "|\n",
          "${A}",
          "\t",
          "'",
        ),
      )
      .map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(anyYaml, (text) => {
      try {
        parseYamlFile(text, { path: "sluice.yaml", environment: {} });
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        expect(error.message.startsWith("sluice.yaml: ")).toBe(true);
      }
      expect("polluted" in {}).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ["a nest 10 000 deep", "[".repeat(10_000)],
  ["a nest 10 000 deep that closes", `${"[".repeat(10_000)}${"]".repeat(10_000)}`],
  [
    "aliases of aliases",
    Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]`)
      .join("\n")
      .replaceAll("*a-1", "1"),
  ],
  ["an alias of itself", "providers: &a { x: *a }"],
  ["a nest within the bounds of YAML", `${"a: { ".repeat(40)}${"}".repeat(40)}`],
  ["a prototype", "__proto__: { polluted: true }"],
  ["a provider called __proto__", "providers: { __proto__: { kind: groq, polluted: true } }"],
])("%s is refused in good time", (_, text) => {
  const before = process.cpuUsage().user;
  expect(() => parseYamlFile(text, { path: "sluice.yaml", environment: {} })).toThrow(ConfigurationError);
  expect((process.cpuUsage().user - before) / 1_000).toBeLessThan(1_000);
  expect("polluted" in {}).toBe(false);
});
