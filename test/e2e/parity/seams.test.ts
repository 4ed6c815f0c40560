// Streams that go over to another target: every front end tells where, and what its caller has in the end.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChatEvent } from "../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { continued, restarted, restartedCall, streaming } from "../../support/seam-events.ts";
import { expectParity } from "./expect-parity.ts";
import { type ParityGateway, startGateway } from "./parity-gateway.ts";

const request: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] };

const cases: [string, readonly ChatEvent[], object][] = [
  ["continued", continued, { text: "Hello, world", toolCalls: [] }],
  ["restarted", restarted, { text: "Hello, world", reasoning: "", toolCalls: [] }],
  [
    "restarted in a tool call",
    restartedCall,
    { toolCalls: [{ id: "call_new", argumentsJson: '{"to":"Oslo"}' }] },
  ],
];

describe.each(cases)("%s", (name, events, known) => {
  let parity: ParityGateway;
  beforeAll(async () => {
    parity = await startGateway({ wrap: streaming(events) });
  });
  afterAll(() => parity.close());

  test("is the same to all clients", async () => {
    const policy = name === "continued" ? "continue" : "restart";
    const outcome = await expectParity(parity, {
      delivery: "stream",
      request,
      // Its types know no `sluice`: see test/api/openai/seams.test.ts for what it makes of it.
      without: policy === "restart" ? ["openai npm"] : [],
    });
    expect(outcome).toMatchObject({
      ...known,
      seams: [{ provider: "second", model: "m-2-2026", policy, losses: [{ field: "sampling.seed" }] }],
      started: { provider: "first" },
      meta: { provider: "second", attempts: 2 },
    });
    expect(outcome.events?.filter((event) => event.endsWith(" seam"))).toHaveLength(1);
  });
});
