// A primary that fails before the commit: every front end shows the second provider's answer, two attempts,
// and nothing of the first.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { DemoFault } from "../../../src/demo/faults.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import type { Delivery, Outcome } from "./client.ts";
import { comparable, shownBy } from "./comparable.ts";
import { expectParity } from "./expect-parity.ts";
import { type ParityGateway, startGateway } from "./parity-gateway.ts";

// Each of the two would lose another of these wishes.
const request: ChatRequest = {
  messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }],
  sampling: { topK: 5, seed: 7 },
};

const refusals: readonly DemoFault[] = [
  ...[401, 403, 404, 408, 429, 500, 502, 503, 529].map((status) => ({ kind: "status", status }) as const),
  { kind: "status", status: 429, retryAfterSeconds: 60 },
  ...(["html", "empty", "truncated", "wrong_type"] as const).map(
    (body) => ({ kind: "status", status: 500, body }) as const,
  ),
  { kind: "status", status: 200, body: "html" },
  { kind: "status", status: 200, body: "empty" },
  { kind: "status", status: 204 },
  { kind: "reset", at: "before_headers" },
  { kind: "reset", at: "after_headers" },
];

const faults: Readonly<Record<Delivery, readonly DemoFault[]>> = {
  chat: [
    ...refusals,
    { kind: "quiet_end" },
    { kind: "cut", afterEvents: 0 },
    { kind: "malformed_line", afterEvents: 0 },
    { kind: "error_event", afterEvents: 0 },
  ],
  // The first event has the role and no content.
  stream: [
    ...refusals,
    ...[0, 1].flatMap(
      (afterEvents) =>
        [
          { kind: "cut", afterEvents },
          { kind: "malformed_line", afterEvents },
          { kind: "error_event", afterEvents },
        ] as const,
    ),
  ],
};

function expectSecond(outcome: Outcome): void {
  expect(outcome.error).toBeUndefined();
  expect(outcome).toMatchObject({
    text: 'This is the demo model; you wrote: "Hello".',
    finishReason: "stop",
    meta: {
      provider: "anthropic",
      model: "claude-haiku-4-5",
      modelServed: "claude-haiku-4-5-2026-01-01",
      route: "default",
      attempts: 2,
    },
  });
  expect(outcome.meta?.losses.map(({ field }) => field)).toEqual(["sampling.seed"]);
  const told = JSON.stringify(outcome, (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  expect(told).not.toMatch(/gpt-5|openai/i);
  if (outcome.events !== undefined) {
    expect(outcome.events[0]).toBe("0 started");
    expect(outcome.events.filter((event) => event.endsWith(" started"))).toHaveLength(1);
    expect(outcome.started).toMatchObject({ provider: "anthropic", meta: { attempts: 2 } });
  }
}

describe.each(["chat", "stream"] as const)("%s", (delivery) => {
  let parity: ParityGateway;
  const clock = createManualClock();
  // A target that asked to wait is asked again.
  const before = () => clock.advance(60_000);
  beforeAll(async () => {
    parity = await startGateway({ clock });
  });
  afterAll(() => parity.close());

  test.each(faults[delivery].map((fault) => ({ fault, name: JSON.stringify(fault) })))(
    "$name",
    async ({ fault }) => {
      parity.upstreams.openai.setFault(fault);
      expectSecond(await expectParity(parity, { delivery, request, before }));
    },
  );

  test("a named target has no second", async () => {
    parity.upstreams.openai.setFault({ kind: "status", status: 401 });
    const named = { ...request, model: "openai/gpt-4.1-mini" };
    const { error } = await expectParity(parity, { delivery, request: named });
    expect(error?.attempts).toHaveLength(1);
  });
});

// All clients at once: each waits for the adapter's own time to run out.
describe("an upstream that hangs", () => {
  test.each(["before_headers", "after_headers"] as const)("%s", async (at) => {
    const parity = await startGateway({ timeouts: { connectMs: 1_000, headersMs: 100, idleMs: 100 } });
    parity.upstreams.openai.setFault({ kind: "hang", at });
    const answers = await Promise.all(
      parity.clients.map(async ({ name, chat, stream }) => ({
        name,
        whole: await chat(request),
        streamed: await stream(request),
      })),
    );
    await parity.close();
    const [library] = answers;
    if (library === undefined) throw new Error("There is no library.");
    expectSecond(library.whole);
    expectSecond(library.streamed);
    for (const { name: client, whole, streamed } of answers) {
      expect(comparable(whole), client).toEqual(shownBy(library.whole, { client }));
      expect(comparable(streamed), client).toEqual(shownBy(library.streamed, { client }));
    }
  });
});
