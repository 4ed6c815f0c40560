// Calls under way keep what they began with.

import { afterEach, beforeEach, expect, it } from "vitest";
import type { ProviderInput } from "../../../src/core/managed/settings-input.ts";
import { createDemoUpstream, type DemoUpstream } from "../../../src/demo/demo-upstream.ts";
import { createManagedFixture, keyless, type ManagedFixture } from "./managed-fixture.ts";

let fixture: ManagedFixture;
let upstream: DemoUpstream;
beforeEach(async () => {
  fixture = await createManagedFixture("SQLite");
  upstream = await createDemoUpstream({ tokenDelayMs: 5 });
});
afterEach(async () => {
  await fixture.close();
  await upstream.close();
});

const said = "[demo tokens=40]";
const question = { messages: [{ role: "user", parts: [{ type: "text", text: said }] }] } as const;

const changes: readonly (readonly [string, ProviderInput | undefined])[] = [
  ["removed", undefined],
  ["given another key", { apiKey: "another" }],
  ["sent elsewhere", { apiKey: "another", baseUrl: "http://127.0.0.1:9/v1" }],
];

it.each(changes)("a stream goes on to its end while its provider is %s", async (_, change) => {
  const gateway = await fixture.start();
  const { settings } = gateway;
  const name = "mine";
  const baseUrl = `${upstream.url}/v1`;
  await settings.addProvider(keyless, { name, kind: "openai", apiKey: "k", baseUrl, model: "demo-chat" });
  const reply = await gateway.stream({ ...question, model: "mine/demo-chat" });
  const kinds: string[] = [];
  for await (const event of reply.events) {
    kinds.push(event.type);
    if (kinds.length !== 3) continue;
    if (change === undefined) await settings.removeProvider(keyless, name);
    else await settings.updateProvider(keyless, { name, ...change });
    expect(upstream.counts.open).toBe(1);
  }
  expect(kinds.at(-1)).toBe("finished");
  expect(kinds.length).toBeGreaterThan(20);
  expect(upstream.counts.closedEarly).toBe(0);
});
