import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactCredentials } from "../../../src/core/guardrails/credentials/redact-credentials.ts";
import { credentials, jsonWebToken, pem } from "./sample-credentials.ts";

/** What may stand on either side of a credential. */
const before = [
  "",
  " ",
  "\n",
  "\t",
  '"',
  "'",
  "=",
  ":",
  "(",
  "[",
  "{",
  ",",
  ";",
  "/",
  "?k=",
  "\\n",
  "\\u000a",
  "%20",
  "日",
];
const behind = ["", " ", "\n", '"', "'", ")", "]", "}", ",", ";", "?", "!", "\\n", "&a=b", "日"];

describe("a credential", () => {
  it.each(Object.entries(credentials))("%s is taken out, whatever stands around it", (_, credential) => {
    for (const left of before) {
      for (const right of behind) {
        expect(redactCredentials(`${left}${credential}${right}`)).toBe(`${left}[redacted]${right}`);
      }
    }
  });

  it.each([
    ["Authorization: Bearer abcdef12", "Authorization: Bearer [redacted]"],
    ["authorization: bearer  a.b-c_d~e+f/1==", "authorization: bearer  [redacted]"],
    ['{"Authorization":"Bearer opaqueopaqueopaqueopaque"}', '{"Authorization":"Bearer [redacted]"}'],
    [`curl -H "Authorization: Bearer ${jsonWebToken}" x`, 'curl -H "Authorization: Bearer [redacted]" x'],
    ["postgresql://app:p%40ss@db:5432/main", "postgresql://app:[redacted]@db:5432/main"],
    ["redis://:secret@cache/0 and amqp://a:b@c", "redis://:[redacted]@cache/0 and amqp://a:[redacted]@c"],
    ["https://me:p@ss#w?rd@host/path", "https://me:[redacted]@host/path"],
    ["postgres:\\/\\/app:secret@db\\/main", "postgres:\\/\\/app:[redacted]@db\\/main"],
    [`https://x:${credentials["ghp_"]}@host/a.git`, "https://x:[redacted]@host/a.git"],
  ])("in %s leaves what stands before and behind it", (text, expected) => {
    expect(redactCredentials(text)).toBe(expected);
  });

  it("several in one text are each taken out", () => {
    const all = Object.values(credentials);
    const found = redactCredentials(all.join(" and "));
    expect(found).toBe(all.map(() => "[redacted]").join(" and "));
    expect(redactCredentials(found)).toBe(found);
  });

  it("a private key is taken out from its first line to its last, or to where it was cut", () => {
    const key = pem("RSA PRIVATE KEY");
    const old = key.replace("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n");
    expect(redactCredentials(`a\n${old}\nb`)).toBe("a\n[redacted]\nb");
    for (const cut of [40, 500, key.length - 30, key.length - 1]) {
      expect(redactCredentials(`a\n${key.slice(0, cut)}`)).toBe("a\n[redacted]");
    }
    const inSource = key.split("\n").join('\\n" +\n"');
    expect(redactCredentials(`const key = "${inSource}";`)).toBe('const key = "[redacted]";');
    expect(redactCredentials(JSON.stringify(JSON.stringify({ key, a: 1 })))).toBe(
      JSON.stringify(JSON.stringify({ key: "[redacted]", a: 1 })),
    );
    const cutJson = JSON.stringify({ key: key.slice(0, 600), a: 1 });
    expect(redactCredentials(cutJson)).toBe('{"key":"[redacted]","a":1}');
  });
});

describe("what is no credential", () => {
  it.each([
    "a task-force for a risk-free sk-toggleable__label-arrow and sk-fading-circle-delay",
    "Bearer of good news, a bearer certificate",
    "ASIAPACIFICREGION, AKIA, AIza and gsk_ are beginnings",
    "see https://example.com:8080/a@b?c=d, mailto:me@example.com, user@host:path",
    "http://localhost:3000/path?email=a@b.c",
    "eyJ is how it begins; eyJhbGciOi.only-two",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "slc_live_ and slc_test_x",
    "",
    "short",
    "Grüße, 日本😀 \ud800 \0",
  ])("stays: %s", (text) => {
    expect(redactCredentials(text)).toBe(text);
  });
});

const fragments = [
  "sk-",
  "sk-a",
  "sk-aaaaaaaaaaaa",
  "sk-Aaaaaaaaaaaaa ",
  "gsk_",
  "AIza",
  "xai-",
  "csk-",
  "AKIA",
  "ASIA",
  "AKIAAAAAAAAAAAAAAAA ",
  "ABSK",
  "ghp_",
  "github_pat_",
  "slc_live_",
  "eyJ",
  "-eyJ",
  " eyJ",
  ".eyJ",
  ".eyJaaaaaaaa",
  " eyJaaaaaaaa.",
  "bearer ",
  "bearer\t\t",
  "Bearer aaaaaaa ",
  "bearer aaaaaaa1 ",
  "bearer aaaaaaaaaaaaaaaaaaaaaaa",
  "://",
  "://:",
  "://a:",
  "://a:b@",
  ":\\/\\/",
  "-----BEGIN PRIVATE KEY-----",
  "-----BEGIN ",
  "-----END PRIVATE KEY-----",
  "PRIVATE KEY",
  "-----",
  "a",
  "A",
  "1",
  ".",
  "-",
  "_",
  "/",
  "@",
  ":",
  "=",
  " ",
  "\n",
  '"',
  "\\",
  "\\n",
  "\\u0041",
  "%41",
  "日",
  "\ud800",
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 5 })), { maxLength: 30 })
  .map((parts) => parts.join(""));
const credential = fc.constantFrom(...Object.values(credentials));
const gap = fc.constantFrom(" ", "\n", '"', "'", "=", ", ", "\\n", "日");

describe("in whatever text", () => {
  it("no credential is left", () => {
    const property = fc.property(
      text,
      gap,
      credential,
      gap,
      text,
      (left, opening, secret, closing, right) => {
        const found = redactCredentials(`${left}${opening}${secret}${closing}${right}`);
        expect(found).not.toContain(secret);
        // Neither is a good part of it.
        expect(found).not.toContain(secret.slice(-Math.floor(secret.length / 2)));
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });

  it("JSON stays JSON, of the same shape", () => {
    const word = fc
      .tuple(text, gap, fc.oneof(credential, fc.constant("")), text)
      .map((parts) => parts.join(""));
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        word,
        // JSON in JSON, as the arguments of tools are.
        word.map((value) => JSON.stringify({ value })),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(tie("json"), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 5 }), tie("json"), { maxKeys: 4 }),
      ),
    }));
    const property = fc.property(json, (value) => {
      expect(shapeOf(JSON.parse(redactCredentials(JSON.stringify(value))))).toEqual(shapeOf(value));
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

/** A value with every text replaced. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.entries(value).map(([key, member]) => [key, shapeOf(member)]);
}

const million = 1_000_000;

/** Of this thread: others may be busy meanwhile. */
function cpuMsOf(work: () => void): number {
  const { user, system } = process.threadCpuUsage();
  work();
  const after = process.threadCpuUsage();
  return (after.user + after.system - user - system) / 1000;
}

describe("a million characters", () => {
  const repeated = [
    ...fragments,
    ...Object.values(credentials).map((secret) => `${secret} `),
    `://${"a".repeat(255)}`,
    `://:${"b".repeat(511)}`,
    `-----BEGIN ${"A".repeat(40)}`,
    "-----BEGIN PRIVATE KEY-----\\n",
    `-----BEGIN PRIVATE KEY-----"`,
    '-----BEGIN PRIVATE KEY-----" +\n"',
    "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
    `bearer ${"a".repeat(23)} `,
    "The quick brown fox asks for a risk-free sketch; see https://example.com/a?b=c. ",
  ];

  it.each(repeated.map((fragment) => [fragment.slice(0, 40), fragment]))(
    "of %j take less than 50 ms",
    (_, fragment) => {
      const longText = fragment.repeat(Math.ceil(million / fragment.length)).slice(0, million);
      // The best of three: the first also compiles.
      const times = ["x", "y", "z"].map((first) => cpuMsOf(() => redactCredentials(first + longText)));
      expect(Math.min(...times)).toBeLessThan(50);
    },
  );
});

it.each(["sk-A", "slc_live_", "bearer 1", "eyJaaaaaaaa.", "-----BEGIN PRIVATE KEY-----", "://a:", "ABSK"])(
  "a key of nine million characters is one key: %s",
  (beginning) => {
    const found = redactCredentials(
      `${beginning}${"A".repeat(9 * million)}${beginning.startsWith("eyJ") ? ".A" : ""}`,
    );
    expect(found.length > million).toBe(beginning === "://a:");
  },
);
