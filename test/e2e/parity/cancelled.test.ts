// A client that leaves, by every front end: the upstream's connection closes, and the call is on record as
// cancelled.

import { describe, expect, test } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { createReadableLedger } from "../../support/test-gateway.ts";
import { startGateway } from "./parity-gateway.ts";

const hello: ChatRequest = {
  messages: [{ role: "user", parts: [{ type: "text", text: "[demo tokens=30] Hello" }] }],
};

const hangs = {
  before: { kind: "hang", at: "before_headers" },
  after: { kind: "hang", at: { afterEvents: 8 } },
} as const;

const moments = [
  { name: "a unary call", delivery: "chat", hang: "before" },
  { name: "a stream before its first event", delivery: "stream", hang: "before" },
  { name: "a stream in its middle", delivery: "stream", hang: "after" },
] as const;

describe("a client leaves", () => {
  test.each(moments)("$name", async ({ delivery, hang }) => {
    const ledger = createReadableLedger();
    const parity = await startGateway({ ledger });
    const { openai } = parity.upstreams;
    openai.setFault(hangs[hang]);
    for (const [i, client] of parity.clients.entries()) {
      const leaving = new AbortController();
      const { promise: content, resolve: onContent } = Promise.withResolvers<void>();
      const answer = client[delivery](hello, { signal: leaving.signal, onContent }).catch(() => {});
      await (hang === "after" ? content : openai.waitUntil(({ received }) => received === i + 1));
      leaving.abort();
      await openai.waitForEarlyClose(i + 1);
      await answer;
      expect(ledger.settled, client.name).toHaveLength(i + 1);
      expect(ledger.settled[i], client.name).toMatchObject({
        status: "cancelled",
        errorCode: "cancelled",
        attempts: 1,
      });
      expect(ledger.attempts[i], client.name).toMatchObject({ status: "cancelled" });
    }
    expect(openai.openRequests).toBe(0);
    expect(parity.upstreams.anthropic.counts.received).toBe(0);
    await parity.close();
  });
});
