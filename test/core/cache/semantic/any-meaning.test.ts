// Whatever the embedder gives, no answer leaves its tenant or its scope.

import fc from "fast-check";
import { expect, it } from "vitest";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import { principalOfRole } from "../../../support/principals.ts";
import type { Script } from "../../../support/scripted-provider.ts";
import { textScript } from "../../../support/scripted-provider.ts";
import { asking, meaningGateway, vectorOf } from "./meaning-gateway.ts";

interface AnyCall {
  readonly tenant: string;
  readonly scope: number;
  readonly question: string;
}

/** Pairwise different in something that is no question. */
const scopes: readonly ((text: string) => ChatRequest)[] = [
  asking,
  (text) => ({ ...asking(text), messages: asking(text).messages.slice(1) }),
  (text) => ({ ...asking(text), tools: [{ name: "look", parameters: { type: "object" } }] }),
  (text) => ({ ...asking(text), responseFormat: { type: "json" } }),
  (text) => ({ ...asking(text), model: "spare" }),
  (text) => ({ ...asking(text), model: "p/other" }),
  (text) => ({ ...asking(text), sampling: { topP: 0.5 } }),
];

const anyCall: fc.Arbitrary<AnyCall> = fc.record({
  tenant: fc.constantFrom("a", "b"),
  scope: fc.nat({ max: scopes.length - 1 }),
  question: fc.constantFrom(
    "Why is it so?",
    "why is it so",
    "Why is it  so??",
    "How is it so?",
    "Why?",
    "\n!",
  ),
});

/** All in one direction, or in any; of several lengths; none that compares. */
const anyVector = fc.oneof(
  { weight: 3, arbitrary: fc.constant(Float32Array.of(1, 1)) },
  fc.float32Array({ maxLength: 3 }),
);

const answers: readonly Script[] = Array.from({ length: 30 }, (_, i) => textScript(`answer ${i}`));

it("an answer is given to its own tenant and scope alone", async () => {
  let served = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyCall, { minLength: 10, maxLength: 30 }),
      fc.array(anyVector, { minLength: 1 }),
      async (calls, vectors) => {
        let given = 0;
        const { gateway, faults } = meaningGateway({
          policy: { threshold: 0.5 },
          embedding: () => vectorOf(vectors[(given += 1) % vectors.length] ?? new Float32Array(1)),
          scripts: answers,
        });
        const madeFor = new Map<string, string>();
        for (const { tenant, scope, question } of calls) {
          const request = scopes[scope]?.(question) ?? asking(question);
          const reply = await gateway.chat(request, { principal: principalOfRole("developer", tenant) });
          const [part] = reply.parts;
          const text = part?.kind === "text" ? part.text : "";
          const place = `${tenant} ${scope}`;
          if (reply.meta.cacheStatus === "miss") madeFor.set(text, place);
          else if (reply.meta.cacheStatus === "semantic") served += 1;
          expect(madeFor.get(text)).toBe(place);
        }
        expect(faults).toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
  // Else it would prove nothing.
  expect(served).toBeGreaterThan(20);
});
