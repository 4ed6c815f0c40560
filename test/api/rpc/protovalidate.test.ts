// The contract's rules are for clients; the core checks by itself. Here both judge the same requests.

import type { JsonObject, JsonValue, Message } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyRequest } from "./contract-rules/any-request.ts";
import { boundaryCases } from "./contract-rules/boundary-cases.ts";
import { rulesBelow, ruleText } from "./contract-rules/contract.ts";
import { casesInCel, chatOf, plainChat, samples } from "./contract-rules/samples.ts";
import { coreFault, judge, type Judged, requests } from "./contract-rules/verdicts.ts";

/** What the core refuses and protobuf has no words for, by the fields that are found at fault. */
const unsaid = [
  // https://url.spec.whatwg.org
  /\.source\.url$/,
  // Nested more than 64 deep.
  /^tools\[\d+\]\.parameters$|^responseFormat\.schema$|^providerOptions\./,
];
const isUnsaid = (fault: string): boolean => unsaid.some((pattern) => pattern.test(fault));

/** A rule in CEL judges a list as a whole, where the core names the entry. */
const pointsAt = (fault: string, { field }: Judged): boolean =>
  fault === field || fault.startsWith(`${field}[`);

function expectAgreement(name: string, request: Message): readonly Judged[] {
  const judged = judge(request);
  const fault = coreFault(request);
  if (fault !== undefined && isUnsaid(fault)) return judged;
  const broken = judged.map(({ rule, field }) => `${field}: ${ruleText(rule)}`).join(", ");
  if (judged.length === 0) expect(fault, name).toBeUndefined();
  else if (!judged.some((each) => fault !== undefined && pointsAt(fault, each))) {
    expect.fail(`${name}: the core finds ${fault ?? "nothing"} at fault, protovalidate ${broken}`);
  }
  return judged;
}

test("at the boundaries of every rule, protovalidate and the core take and refuse the same", () => {
  const broken = new Set<string>();
  for (const sample of samples) expect(expectAgreement("a sample", sample)).toEqual([]);
  for (const { name, request } of boundaryCases(samples)) {
    for (const { rule } of expectAgreement(name, request)) broken.add(ruleText(rule));
  }
  for (const [id, { taken, refused }] of Object.entries(casesInCel)) {
    for (const json of taken) expect(expectAgreement(id, chatOf(json)), id).toEqual([]);
    for (const json of refused) {
      const rules = expectAgreement(id, chatOf(json)).map(({ rule }) => rule);
      expect(rules.map(({ name }) => name)).toContain(id);
      for (const rule of rules) broken.add(ruleText(rule));
    }
  }
  const declared = new Set(requests.flatMap((desc) => rulesBelow(desc)).map(ruleText));
  expect([...broken].sort()).toEqual([...declared].sort());
});

test.each(requests)("whatever is sent as $name, both take it or both refuse it", (desc) => {
  const verdicts = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(anyRequest(desc, samples), (request) => {
      verdicts[expectAgreement("any", request).length === 0 ? "taken" : "refused"] += 1;
    }),
    { numRuns: 400 },
  );
  expect(verdicts.taken).toBeGreaterThan(20);
  expect(verdicts.refused).toBeGreaterThan(20);
});

const image = (url: string) => ({
  messages: [{ role: "ROLE_USER", parts: [{ image: { source: { url } } }] }],
});

describe("what the contract cannot say, the core refuses all the same", () => {
  const nested = (depth: number): JsonObject => (depth === 1 ? {} : { a: nested(depth - 1) });

  test.each<[string, JsonValue, string | undefined]>([
    ["a url", image("https://example.com/a b.png"), undefined],
    ["a url without a host", image("https://"), "messages[0].parts[0].source.url"],
    ["a url with a port beyond 65535", image("https://a.test:70000/"), "messages[0].parts[0].source.url"],
    ["parameters 64 deep", { ...plainChat, tools: [{ name: "f", parameters: nested(64) }] }, undefined],
    [
      "parameters 65 deep",
      { ...plainChat, tools: [{ name: "f", parameters: nested(65) }] },
      "tools[0].parameters",
    ],
    [
      "a schema 65 deep",
      { ...plainChat, responseFormat: { jsonSchema: { name: "a", schema: nested(65) } } },
      "responseFormat.schema",
    ],
    ["options 65 deep", { ...plainChat, providerOptions: { a: nested(65) } }, "providerOptions.a"],
  ])("%s", (_, json, field) => {
    const request = chatOf(json);
    expect(judge(request)).toEqual([]);
    expect(coreFault(request)).toBe(field);
  });
});
