// Every error that can come after the first event, by every front end: what came before it was handed on, and
// the error is the same and says so.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { DemoFault } from "../../../src/demo/faults.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { adapters, models } from "./chats.ts";
import { comparable, shownBy } from "./comparable.ts";
import { expectParity } from "./expect-parity.ts";
import { type ParityGateway, startGateway } from "./parity-gateway.ts";

const hello: ChatRequest = {
  messages: [{ role: "user", parts: [{ type: "text", text: "[demo tokens=30] Hello" }] }],
};

describe.each(adapters)("a stream of %s", (adapter) => {
  let parity: ParityGateway;
  beforeAll(async () => {
    parity = await startGateway();
  });
  afterAll(() => parity.close());
  afterEach(() => parity.upstreams[adapter].setFault(undefined));

  const faults: readonly { name: string; fault: DemoFault }[] = [
    { name: "is cut", fault: { kind: "cut", afterEvents: 8 } },
    { name: "ends quietly", fault: { kind: "quiet_end" } },
    { name: "has a line that is no JSON", fault: { kind: "malformed_line", afterEvents: 8 } },
    { name: "tells an error", fault: { kind: "error_event", afterEvents: 8 } },
  ];

  test.each(faults)("all_providers_failed: it $name", async ({ fault }) => {
    parity.upstreams[adapter].setFault(fault);
    const request = { ...hello, model: `${adapter}/${models[adapter]}` };
    const broken = await expectParity(parity, { delivery: "stream", request });
    expect(broken).toMatchObject({
      error: { code: "all_providers_failed", attempts: [{ provider: adapter, model: models[adapter] }] },
      meta: { provider: adapter, attempts: 1 },
    });
    expect(broken.finishReason).toBeUndefined();
    expect(broken.text).toMatch(/^This is the demo/);
  });
});

test("a stream that has committed is not handed to the next provider", async () => {
  const parity = await startGateway();
  parity.upstreams.openai.setFault({ kind: "cut", afterEvents: 8 });
  const broken = await expectParity(parity, { delivery: "stream", request: hello });
  expect(broken).toMatchObject({ error: { code: "all_providers_failed" }, meta: { attempts: 1 } });
  expect(parity.upstreams.anthropic.counts.received).toBe(0);
  await parity.close();
});

test("deadline_exceeded", async () => {
  const timeoutMs = 60_000;
  const clock = createManualClock();
  const parity = await startGateway({ clock });
  const { openai } = parity.upstreams;
  // Nothing is on its way when the time is over: each client has the first word, and waits for the second.
  openai.setFault({ kind: "hang", at: { afterEvents: 2 } });
  let calls = 0;
  const late = await expectParity(parity, {
    delivery: "stream",
    request: hello,
    words: { timeoutMs },
    async meanwhile(content) {
      calls += 1;
      await content;
      clock.advance(timeoutMs / 2);
      expect(openai.openRequests).toBe(1);
      clock.advance(timeoutMs / 2);
      await openai.waitForEarlyClose(calls);
    },
  });
  await parity.close();
  expect(late).toMatchObject({ error: { code: "deadline_exceeded" }, meta: { provider: "openai" } });
  expect(late.text).toBe("This");
});

test("unavailable: the gateway stops", async () => {
  const parity = await startGateway();
  parity.upstreams.openai.setFault({ kind: "hang", at: { afterEvents: 8 } });
  const contents: Promise<void>[] = [];
  const answers = parity.clients.map((client) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    contents.push(promise);
    return client.stream(hello, { onContent: resolve });
  });
  await Promise.all(contents);
  await parity.closeGateway();
  const outcomes = await Promise.all(answers);
  await parity.close();
  const [library] = outcomes;
  if (library === undefined) throw new Error("There is no library.");
  expect(library).toMatchObject({ error: { code: "unavailable" }, meta: { attempts: 1 } });
  for (const [i, { name }] of parity.clients.entries()) {
    const outcome = outcomes[i];
    expect(outcome && comparable(outcome), name).toEqual(shownBy(library, { client: name }));
  }
});
