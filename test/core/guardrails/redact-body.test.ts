import fc from "fast-check";
import { expect, it } from "vitest";
import { redactBody } from "../../../src/core/guardrails/credentials/redact-body.ts";
import { credentials, jsonWebToken, pem } from "./sample-credentials.ts";

const whole = Number.POSITIVE_INFINITY;
const key = credentials["sk-proj-"] ?? "";

it("takes credentials out of every text of a body, and out of names", () => {
  const body = {
    model: "m",
    temperature: 0.5,
    stop: undefined,
    stream: null,
    messages: [
      {
        role: "user",
        parts: [
          { type: "text", text: `My key is ${key}.` },
          { type: "text", text: "Hello" },
        ],
      },
      { role: "tool", parts: [{ argumentsJson: JSON.stringify({ url: "redis://:geheim@cache", n: 1 }) }] },
    ],
    providerOptions: {
      a: { [key]: true, [jsonWebToken]: [jsonWebToken, 1], "[redacted]": 3, plain: pem("PRIVATE KEY") },
    },
  };
  expect(JSON.parse(JSON.stringify(redactBody(body, whole)))).toEqual({
    model: "m",
    temperature: 0.5,
    stream: null,
    messages: [
      {
        role: "user",
        parts: [
          { type: "text", text: "My key is [redacted]." },
          { type: "text", text: "Hello" },
        ],
      },
      { role: "tool", parts: [{ argumentsJson: '{"url":"redis://:[redacted]@cache","n":1}' }] },
    ],
    providerOptions: {
      a: { "[redacted]": true, "[redacted] 2": ["[redacted]", 1], "[redacted] 3": 3, plain: "[redacted]" },
    },
  });
  expect(body.messages[0]?.parts[0]).toEqual({ type: "text", text: `My key is ${key}.` });
});

const json = fc.jsonValue({ maxDepth: 5 }).map((value) => ({ value }));

it("is the body itself where there is none, up to the limit, and longer than that where the body is", () => {
  const property = fc.property(json, fc.nat({ max: 400 }), (body, keep) => {
    const text = JSON.stringify(body);
    expect(JSON.stringify(redactBody(body, whole))).toBe(text);
    const bounded = JSON.stringify(redactBody(body, keep));
    expect(bounded.slice(0, keep)).toBe(text.slice(0, keep));
    expect(bounded.length > keep).toBe(text.length > keep);
  });
  fc.assert(property, { numRuns: 500, examples: [[{ value: JSON.parse('{"__proto__":{"a":"b"}}') }, 400]] });
});

it("has no credential at any limit, whatever it is cut in", () => {
  const secret = fc.constantFrom(...Object.values(credentials));
  const property = fc.property(secret, fc.string(), fc.nat({ max: 500 }), (credential, before, keep) => {
    const body = { a: [before, { b: `${before} ${credential} ${before}` }], c: credential };
    const text = JSON.stringify(redactBody(body, keep));
    expect(text).not.toContain(credential.slice(0, 40));
    expect(text).not.toContain(credential.slice(-40));
  });
  fc.assert(property, { numRuns: 500 });
});

it("looks at little more of a long text than is kept", () => {
  const { user, system } = process.threadCpuUsage();
  const body = redactBody({ image: `${key} `.repeat(10) + "A".repeat(30_000_000) }, 1000);
  const after = process.threadCpuUsage();
  expect(JSON.stringify(body)).toMatch(/^\{"image":"(?:\[redacted\] ){10}A{850,}"\}$/);
  expect(JSON.stringify(body).length).toBeLessThan(1100);
  expect((after.user + after.system - user - system) / 1000).toBeLessThan(100);
});

it("goes on where credentials leave little of a text, and no further than is sensible", () => {
  const some = redactBody({ text: `${pem("PRIVATE KEY")} `.repeat(20) + "z".repeat(2000) }, 1000);
  expect(JSON.stringify(some)).toMatch(/^\{"text":"(?:\[redacted\] ){20}z{750,}"\}$/);
  const nothingElse = redactBody(
    { texts: Array.from({ length: 400 }, () => `${pem("PRIVATE KEY")}x`.repeat(20)) },
    100_000,
  );
  const text = JSON.stringify(nothingElse);
  expect(text).toContain("[redacted]x[redacted]x");
  expect(text.endsWith('"[redacted]","[redacted]"]}')).toBe(true);
});

it("takes no long time for names that are all credentials, nor for what is nested deep", () => {
  const names = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`${key}${index}`, index]));
  const found = redactBody(names, whole);
  expect(Object.keys(found)).toHaveLength(20_000);
  expect(Object.keys(found).at(-1)).toBe("[redacted] 20000");
  let deep: object = { text: key };
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  expect(JSON.stringify(redactBody(deep, whole))).toMatch(/^\[{100}"\[redacted\]"\]{100}$/);
});
