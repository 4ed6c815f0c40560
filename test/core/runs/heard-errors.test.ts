// Errors of a run as its other readers hear them.

import { expect, it } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import { failing, request } from "../../support/chat-scripts.ts";
import { limitedPrincipal } from "../../support/limited-principal.ts";
import { turn } from "../../support/turn.ts";
import {
  expectQuiet,
  gate,
  heads,
  type RunningGateway,
  startGateway,
  streaming,
  word,
} from "./running-gateway.ts";

const limitedTo = (requestsPerMinute: number, apiKeyId: string): Principal =>
  limitedPrincipal({ key: { requestsPerMinute } }, { apiKeyId });

const askedBy = (running: RunningGateway, principal: Principal, correlationId: string, asked = request) =>
  streaming(running, { principal, correlationId, idempotencyKey: "once" }, asked);

it("an error tells each caller of its own limits and its own correlation id, and of no other's", async () => {
  const end = gate();
  const steps = [...heads, word("x"), end.step, failing("unavailable")];
  const running = startGateway([{ steps }], { limits: {} });
  const again = running.restarted();
  const first = limitedTo(50, "key-a");
  const colleague = limitedTo(7, "key-b");
  const unlimited: Principal = { ...first, apiKeyId: "key-c", grants: undefined };
  const one = askedBy(running, first, "of-a");
  await turn();
  const joined = askedBy(running, colleague, "of-b");
  const joinedFree = askedBy(running, unlimited, "of-c");
  const other = askedBy(running, colleague, "of-b", {
    messages: [{ role: "user", parts: [{ type: "text", text: "Hello!" }] }],
  });
  await turn();
  end.open();
  await turn();
  const remembered = askedBy(running, colleague, "of-b");
  const stored = askedBy(again, colleague, "of-b");
  const storedFree = askedBy(again, unlimited, "of-c");
  await turn();
  expect(one.error?.limits?.requests?.limit).toBe(50);
  for (const { error } of [joined, other, remembered, stored]) {
    expect(error?.meta).toMatchObject({ requestId: "id-1", correlationId: "of-b" });
    expect([error?.limits?.requests?.limit, error?.meta?.limits?.requests?.limit]).toEqual([7, 7]);
  }
  for (const { error } of [joinedFree, storedFree]) {
    expect(error?.meta).toMatchObject({ requestId: "id-1", correlationId: "of-c" });
    expect([error?.limits, error?.meta?.limits]).toEqual([undefined, undefined]);
  }
  await expectQuiet(running);
  await expectQuiet(again);
});
