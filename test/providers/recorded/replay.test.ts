// Each recording, whole, over a real server through the providers as the gateway makes them.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Provider } from "../../../src/core/provider.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import { expectRun } from "./expect-run.ts";
import { leftOut, recordedCases } from "./recorded-cases.ts";
import { startReplayServer } from "./replay-server.ts";
import type { ReplayServer } from "./replay-server.ts";
import { runOf } from "./run.ts";
import { createTally } from "./tally.ts";
import { vendorOf } from "./vendors.ts";

const tally = createTally("Recorded traffic, over HTTP", recordedCases);
const providers = new Map<string, Provider>();
let server: ReplayServer;

beforeAll(async () => {
  server = await startReplayServer();
});

afterAll(async () => {
  for (const provider of providers.values()) await provider.close?.();
  await server[Symbol.asyncDispose]();
  process.stdout.write(tally.report());
});

if (recordedCases.length === 0) it(leftOut, () => {});

describe.each(recordedCases)("$provider/$name", (recorded) => {
  it("over HTTP", () => tally.check(recorded, () => replay(recorded)));
});

async function replay(recorded: RecordedCase): Promise<void> {
  const vendor = vendorOf(recorded);
  const provider = providers.get(recorded.provider) ?? vendor.provider(server.origin);
  providers.set(recorded.provider, provider);
  server.answerWith(recorded);
  server.seen.length = 0;
  const run = await runOf(async () => {
    const reply = await provider.chat(
      { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }], maxOutputTokens: 64 },
      {
        model: "a-model",
        delivery: recorded.stream ? "streamed" : "unary",
        signal: new AbortController().signal,
      },
    );
    expect(reply.httpStatus).toBe(recorded.status);
    const id = recorded.headers[vendor.requestIdHeader];
    if (id !== undefined) expect(reply.upstreamRequestId).toBe(id);
    return reply.events;
  });
  const [request, ...more] = server.seen;
  expect(more).toEqual([]);
  expect(request?.method).toBe("POST");
  expect(request?.path).toMatch(vendor.path);
  expect(request?.stream ?? false).toBe(recorded.stream);
  expectRun(run, vendor.expect(recorded));
}
