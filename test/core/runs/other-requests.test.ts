// What tells the same request from another one under the same key.

import { describe, expect, it } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { CallOptions } from "../../../src/core/call.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { errorOf, request } from "../../support/chat-scripts.ts";
import { limitedPrincipal } from "../../support/limited-principal.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { answer, asked, boundNanos, budgetedGateway, paidNanos } from "../budgets/budgeted-gateway.ts";
import { turn } from "../../support/turn.ts";
import {
  alice,
  expectQuiet,
  gate,
  heads,
  keyed,
  startGateway,
  streaming,
  tails,
  word,
} from "./running-gateway.ts";

const mismatch = { code: "idempotency_mismatch", meta: { requestId: "id-1" } };

const others: readonly [string, ChatRequest][] = [
  ["another model", { ...request, model: "groq/m" }],
  ["another message", { messages: [{ role: "user", parts: [{ type: "text", text: "Hello!" }] }] }],
  ["labels", { ...request, labels: { team: "red" } }],
];

describe("a key that comes with another request", () => {
  it.each(others)("is refused while its run goes on, and after it: %s", async (_, other) => {
    const end = gate();
    const running = startGateway([{ steps: [...heads, word("x"), end.step, ...tails] }]);
    const one = streaming(running, keyed());
    await turn();
    expect(await errorOf(running.gateway.stream(other, keyed()))).toMatchObject(mismatch);
    end.open();
    await turn();
    expect(one.ended).toBe(true);
    expect(await errorOf(running.gateway.chat(other, keyed()))).toMatchObject(mismatch);
    const again = running.restarted();
    const error = await errorOf(again.gateway.stream(other, keyed()));
    expect(error).toMatchObject(mismatch);
    expect(error.message).toMatch(/take a new idempotency key/);
    expect(running.ledger.opened).toHaveLength(1);
    await expectQuiet(running);
    await expectQuiet(again);
  });

  it("is refused where the other one is of another operation", async () => {
    const running = startGateway([textScript("x")]);
    await running.gateway.chat(request, keyed());
    const embedding = running.gateway.embed({ inputs: ["Hello"] }, keyed());
    expect(await errorOf(embedding)).toMatchObject(mismatch);
    await expectQuiet(running);
  });

  it("runs by itself for another tenant, and is joined by another caller of the same one", async () => {
    const running = startGateway([textScript("x")]);
    const other: Principal = { ...alice, tenantId: "other" };
    const colleague: Principal = { ...alice, apiKeyId: "key-b" };
    const ids: string[] = [];
    for (const principal of [alice, other, colleague]) {
      ids.push((await running.gateway.chat(request, keyed({ principal }))).id);
    }
    expect([ids[0] === ids[1], ids[2]]).toEqual([false, ids[0]]);
    expect(running.provider.calls).toHaveLength(2);
    await expectQuiet(running);
  });
});

/** Of the same tenant, who may use nothing that `alice` is answered by. */
const heldToOthers: readonly [string, Principal][] = [
  ["a key's list", withKeyList(["other/*"])],
  ["a key that may use nothing", withKeyList([])],
  ["a test key", { ...alice, apiKeyId: "key-t", environment: "test" }],
];

function withKeyList(allowedModels: readonly string[]): Principal {
  const held = limitedPrincipal({ key: {} }, { apiKeyId: "key-b" });
  const { tenant, key } = held.grants ?? {};
  if (tenant === undefined || key === undefined) throw new Error("It has no grants.");
  return { ...held, grants: { tenant, key: { ...key, allowedModels } } };
}

describe("a key whose answer is of a model that not every caller may use", () => {
  it.each(heldToOthers)("is another request from who may not: %s", async (_, principal) => {
    const end = gate();
    const running = startGateway([{ steps: [...heads, word("secret"), end.step, ...tails] }]);
    const one = streaming(running, keyed());
    await turn();
    const during = streaming(running, keyed({ principal }));
    await turn();
    end.open();
    await turn();
    expect([one.error, one.ended]).toEqual([undefined, true]);
    const after = streaming(running, keyed({ principal }));
    const again = running.restarted();
    const restarted = streaming(again, keyed({ principal }));
    await turn();
    for (const { events, error } of [during, after, restarted]) {
      expect([events, error]).toMatchObject([[], mismatch]);
      expect(error?.message).toMatch(/other models/);
    }
    await expectQuiet(running);
    await expectQuiet(again);
  });

  it("is the same request from all who are held to the same", async () => {
    const running = startGateway([textScript("x")]);
    const held = withKeyList(["groq/*"]);
    const budgeted = limitedPrincipal({ key: {} });
    const hard: Principal = {
      ...budgeted,
      grants: budgeted.grants && {
        ...budgeted.grants,
        tenant: { ...budgeted.grants.tenant, budget: { hardNanos: 1_000_000_000n } },
      },
    };
    const key = { idempotencyKey: "held" };
    const ids: string[] = [];
    for (const [principal, more] of [
      [held, key],
      [{ ...held, apiKeyId: "key-c" }, key],
      [alice, {}],
      [hard, {}],
    ] as const) {
      ids.push((await running.gateway.chat(request, keyed({ principal, ...more }))).id);
    }
    expect([ids[0] === ids[1], ids[2] === ids[3], ids[0] === ids[2]]).toEqual([true, true, false]);
    await expectQuiet(running);
  });
});

describe("what a caller is held to", () => {
  it("a budget pays once for a hundred", async () => {
    const end = gate();
    const { gateway, principal, ledger } = budgetedGateway({
      budget: { hardNanos: boundNanos },
      providers: { groq: createScriptedProvider({ steps: [end.step, ...answer.steps] }) },
    });
    const all = Array.from({ length: 100 }, () => streaming({ gateway }, keyed({ principal }), asked));
    await turn();
    end.open();
    await turn();
    expect(all.map(({ ended, error }) => ended && error === undefined)).toEqual(all.map(() => true));
    expect(ledger.settled).toMatchObject([{ status: "ok", costNanos: paidNanos }]);
    await gateway.close();
  });

  it("a request limit of its own refuses a duplicate, and what tokens are reserved is reserved once", async () => {
    const end = gate();
    const running = startGateway([{ steps: [...heads, end.step, word("x"), ...tails] }], { limits: {} });
    const principal = limitedPrincipal({ key: { requestsPerMinute: 2, tokensPerMinute: 1_500 } });
    const options: Partial<CallOptions> = { principal, idempotencyKey: "once" };
    const long: ChatRequest = { ...request, maxOutputTokens: 1_000 };
    const [one, two, three] = [1, 2, 3].map(() => streaming(running, options, long));
    await turn();
    expect([one?.error, two?.error, three?.error?.code]).toEqual([undefined, undefined, "rate_limited"]);
    end.open();
    await turn();
    expect([one?.ended, two?.ended]).toEqual([true, true]);
    expect(running.ledger.settled).toMatchObject([{ status: "ok" }]);
    await expectQuiet(running);
  });
});
