// Whatever callers of several tenants send at once, with keys and without: nobody is given an answer of another tenant's
// call, nor one of a target that they may not use.

import fc from "fast-check";
import { expect, it } from "vitest";
import { allows } from "../../../src/core/access/allowed-targets.ts";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { Provider } from "../../../src/core/provider.ts";
import { createMemoryAnswers } from "../../../src/stores/memory/memory-answers.ts";
import { textOf } from "../../support/chat-scripts.ts";
import { limitedPrincipal } from "../../support/limited-principal.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createMemoryRuns } from "../../support/memory-runs.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { expectQuiet, type Listener, resuming, startGateway, streaming } from "./running-gateway.ts";

/** Says in each answer which one it is. */
function numberedProvider(name: string): Provider {
  let answers = 0;
  return {
    chat(request, context) {
      answers += 1;
      const number = `${name}-${answers}`;
      return createScriptedProvider(textScript(`<${number}>`, { model: number })).chat(request, context);
    },
  };
}

const principals: readonly Principal[] = ["acme", "red"].flatMap((tenantId) => {
  const free: Principal = { ...limitedPrincipal({}, { tenantId }), apiKeyId: `${tenantId}-free` };
  const held = (apiKeyId: string, allowedModels: readonly string[]): Principal => ({
    ...free,
    apiKeyId,
    grants: free.grants && {
      ...free.grants,
      key: { id: apiKeyId, limits: {}, budget: {}, allowedModels },
    },
  });
  return [
    free,
    { ...free, apiKeyId: `${tenantId}-test`, environment: "test" as const },
    held(`${tenantId}-groq`, ["groq/*"]),
    held(`${tenantId}-other`, ["other/*"]),
  ];
});

const questions: readonly ChatRequest[] = ["Hello", "Hi"].map((text) => ({
  messages: [{ role: "user", parts: [{ type: "text", text }] }],
  sampling: { temperature: 0 },
}));

const asked = fc.record({
  by: fc.nat({ max: principals.length - 1 }),
  question: fc.nat({ max: questions.length - 1 }),
  idempotencyKey: fc.constantFrom(undefined, undefined, "one", "two"),
  mode: fc.constantFrom("default" as const, "no_cache" as const),
  resumable: fc.boolean(),
  elsewhere: fc.boolean(),
  waits: fc.boolean(),
});

it("an answer is of a call of its reader's tenant, by a target that the reader may use", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 2, maxLength: 24 }), async (calls) => {
      const clock = createManualClock();
      const shared = createMemoryRuns();
      const memory = createMemoryAnswers({ maxEntries: 100, maxBytes: 1_000_000, clock });
      const options = {
        clock,
        shared,
        cache: { mode: "all" as const, ttlSeconds: 60 },
        answers: { cache: memory, maxBytes: 100_000 },
        providers: { groq: numberedProvider("groq"), other: numberedProvider("other") },
        targets: { other: { test: true } },
      };
      const running = startGateway([], options);
      const again = running.restarted();
      const heard: { readonly by: Principal; readonly listener: Listener }[] = [];
      for (const { by, question, mode, elsewhere, waits, ...more } of calls) {
        const principal = principals[by];
        const request = questions[question];
        if (principal === undefined || request === undefined) throw new Error("There is none.");
        const gateway = elsewhere ? again : running;
        const wishes = { principal, cacheControl: { mode }, ...more };
        heard.push({ by: principal, listener: streaming(gateway, wishes, request) });
        if (waits) await turn();
      }
      await turn();
      clock.advance(20);
      await turn();
      const ids = heard.flatMap(({ listener }) => listener.reply?.meta.requestId ?? []);
      for (const principal of principals) {
        for (const id of ids)
          heard.push({ by: principal, listener: resuming(running, id, -1, { principal }) });
      }
      await turn();
      clock.advance(20);
      await turn();
      const attempts = [...running.ledger.attempts, ...again.ledger.attempts];
      for (const { by, listener } of heard) {
        expect(listener.ended).toBe(true);
        if (listener.events.length === 0) continue;
        const [, number = ""] = /^<(.+)>$/.exec(textOf(listener.events)) ?? [];
        const attempt = attempts.find(({ modelServed }) => modelServed === number);
        expect(attempt?.tenantId).toBe(by.tenantId);
        const name = attempt?.provider ?? "";
        expect(allows(by, { provider: { name, test: name === "other" }, model: "m" })).toBe(true);
      }
      await expectQuiet(running);
      await expectQuiet(again);
    }),
    { numRuns: 60 },
  );
});
