// The steps in which a gateway stops, as the core knows them.

import { expect, it } from "vitest";
import type { ChatRequest } from "../../src/core/chat/request.ts";
import { createScriptedProvider, type ScriptedProvider, textScript } from "../support/scripted-provider.ts";
import { createTestGateway } from "../support/test-gateway.ts";
import { turn } from "../support/turn.ts";

const request: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] };

function start(first: ScriptedProvider = createScriptedProvider(textScript("Hi"))) {
  let closed = 0;
  const close = () => Promise.resolve(void (closed += 1));
  const made = createTestGateway({ providers: { first: { ...first, close } } });
  return { ...made, timesClosed: () => closed };
}

const stopping = { ready: false, problems: ["The gateway is stopping."] };

it("announced: it is not ready, and serves", async () => {
  const { gateway } = start();
  expect(gateway.readiness()).toEqual({ ready: true, problems: [] });
  gateway.announceStop();
  expect(gateway.readiness()).toEqual(stopping);
  expect((await gateway.chat(request)).finishReason).toBe("stop");
});

it("refusing: a new call is unavailable, with a time to come again, and makes no record; an open one goes on", async () => {
  const gate = Promise.withResolvers<void>();
  const { steps } = textScript("Hi");
  const first = createScriptedProvider({ steps: [...steps.slice(0, 3), gate.promise, ...steps.slice(3)] });
  const { gateway, ledger } = start(first);
  const { events } = await gateway.stream(request);
  gateway.refuseCalls();
  expect(gateway.readiness()).toEqual(stopping);
  const refusal = { code: "unavailable", retryAfterMs: 1_000 };
  await expect(gateway.chat(request)).rejects.toMatchObject(refusal);
  await expect(gateway.stream(request)).rejects.toMatchObject(refusal);
  await expect(gateway.embed({ inputs: ["Hello"] })).rejects.toMatchObject(refusal);
  gate.resolve();
  const types: string[] = [];
  for await (const { type } of events) types.push(type);
  expect(types.at(-1)).toBe("finished");
  expect(ledger.opened).toHaveLength(1);
  expect(ledger.settled).toMatchObject([{ status: "ok" }]);
});

it("closed: whoever closes it again waits for the same end", async () => {
  const { gateway, timesClosed } = start();
  await Promise.all([gateway.close(), gateway.close()]);
  expect(timesClosed()).toBe(1);
  await expect(gateway.chat(request)).rejects.toMatchObject({ code: "unavailable" });
});

it("closed: an adapter that fails or hangs keeps neither the others nor the records from their end", async () => {
  const hello = createScriptedProvider(textScript("Hi"));
  const fault = new Error("made on purpose");
  const ended: string[] = [];
  const released = Promise.withResolvers<void>();
  const { gateway, faults } = createTestGateway({
    providers: {
      failing: { ...hello, close: () => Promise.reject(fault) },
      hanging: { ...hello, close: () => new Promise<void>(() => {}) },
      last: { ...hello, close: () => Promise.resolve(void ended.push("last")) },
    },
    release: () => Promise.resolve(released.resolve()),
  });
  void gateway.close();
  await released.promise;
  await turn();
  expect(ended).toEqual(["last"]);
  expect(faults).toEqual([fault]);
});
