// Signs of life in an event stream that has nothing to say.

import { afterEach, expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { Provider } from "../../../src/core/provider.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import {
  helloInput,
  readEvents,
  type ServedGraphql,
  serveGraphql,
  shortSubscription,
} from "./serve-graphql.ts";

let served: ServedGraphql | undefined;
afterEach(() => served?.close());

const subscription = { query: shortSubscription, variables: { input: helloInput } };

test("without a commit for 15 s the headers go out, and comments follow; the answer comes after them", async () => {
  const frontEndClock = createManualClock();
  const go = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const provider = createScriptedProvider({ steps: [go.promise, ...textScript("Hi").steps] });
  const asking: Provider = {
    chat(request, context) {
      asked.resolve();
      return provider.chat(request, context);
    },
  };
  served = await serveGraphql({ providers: { a: asking }, frontEndClock });
  const answer = served.subscribe(subscription);
  await asked.promise;
  frontEndClock.advance(15_000);
  const response = await answer;
  expect(response.status).toBe(200);
  const events = readEvents(response);
  expect((await events.next()).value).toEqual({ event: ":", data: ": heartbeat" });
  frontEndClock.advance(15_000);
  expect((await events.next()).value).toEqual({ event: ":", data: ": heartbeat" });
  go.resolve();
  const rest: string[] = [];
  for await (const { event } of events) rest.push(event);
  expect(rest).toEqual([...Array.from({ length: 6 }, () => "next"), "complete"]);
  expect(frontEndClock.pendingTimers).toBe(0);
});

test("an error after the headers went out is told in the stream", async () => {
  const frontEndClock = createManualClock();
  const asked = Promise.withResolvers<void>();
  const provider = createScriptedProvider({ steps: ["hang"] });
  const asking: Provider = {
    chat(request, context) {
      asked.resolve();
      return provider.chat(request, context);
    },
  };
  served = await serveGraphql({ providers: { a: asking }, frontEndClock });
  const answer = fetch(served.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      "x-sluice-timeout-ms": "300",
    },
    body: JSON.stringify(subscription),
  });
  await asked.promise;
  frontEndClock.advance(15_000);
  const response = await answer;
  expect(response.status).toBe(200);
  const events: string[] = [];
  for await (const { event, data } of readEvents(response)) events.push(`${event} ${data}`);
  expect(events).toEqual([": : heartbeat", expect.stringContaining('"deadline_exceeded"'), "complete "]);
});

test("a reader that takes nothing for as long as a call may last is let go", async () => {
  const frontEndClock = createManualClock();
  const much: ProviderChatEvent = { type: "part_delta", index: 0, text: "x".repeat(16_000_000) };
  const steps = textScript("Hi").steps;
  const provider = createScriptedProvider({ steps: [...steps.slice(0, 2), much, ...steps.slice(2)] });
  served = await serveGraphql({ providers: { a: provider }, frontEndClock });
  const response = await served.subscribe(subscription);
  // The heartbeat's timer is one; that of the full socket the other.
  while (frontEndClock.pendingTimers < 2) await new Promise((resolve) => setImmediate(resolve));
  frontEndClock.advance(600_000);
  await expect(response.text()).rejects.toThrow(/terminated/);
  expect(served.ledger.settled).toMatchObject([{ status: "cancelled" }]);
  expect(frontEndClock.pendingTimers).toBe(0);
});
