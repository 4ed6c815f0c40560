// What the gateway measures of its calls and attempts.

import { describe, expect, test } from "vitest";
import { GatewayError } from "../../../src/core/errors.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import { Histogram } from "../../../src/core/metrics/histogram.ts";
import type { HistogramSample, MetricSample } from "../../../src/core/metrics/metric-family.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedEmbedder } from "../../support/scripted-embedder.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";

const request = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] } as const;
const price = { version: "test-1", inputPicos: 2_000_000n, outputPicos: 10_000_000n };

const scalarsOf = (gateway: Gateway, name: string): readonly MetricSample[] => {
  const family = gateway.measurements().find((each) => each.name === name);
  return family === undefined || family.type === "histogram" ? [] : family.samples;
};
const histogramsOf = (gateway: Gateway, name: string): readonly HistogramSample[] => {
  const family = gateway.measurements().find((each) => each.name === name);
  return family?.type === "histogram" ? family.samples : [];
};
const total = ({ counts }: HistogramSample) => counts.reduce((sum, count) => sum + count, 0);

const down = () =>
  createScriptedProvider({
    steps: [],
    refuse: new ProviderError({ failure: "unavailable", message: "down", httpStatus: 503 }),
  });

describe("calls", () => {
  test("are counted by how they ended, with how long their callers waited", async () => {
    const clock = createManualClock();
    const { gateway } = createTestGateway({
      providers: { a: createScriptedProvider(textScript("Hi")), b: down() },
      clock,
    });
    await gateway.chat(request);
    const reply = await gateway.stream(request);
    clock.advance(70);
    for await (const event of reply.events) expect(event.sequence).toBeGreaterThanOrEqual(0);
    await expect(gateway.chat({ ...request, model: "b/m" })).rejects.toThrow();
    await expect(gateway.chat({ ...request, model: "nobody" })).rejects.toThrow();
    await Promise.resolve();
    expect(scalarsOf(gateway, "sluice_requests_total")).toEqual([
      { labels: { operation: "chat", status: "ok", error_code: "" }, value: 2 },
      { labels: { operation: "chat", status: "failed", error_code: "all_providers_failed" }, value: 1 },
      { labels: { operation: "chat", status: "refused", error_code: "invalid_request" }, value: 1 },
    ]);
    const [duration] = histogramsOf(gateway, "sluice_request_duration_seconds");
    expect(duration?.labels).toEqual({ operation: "chat" });
    expect(duration?.counts[duration.bounds.indexOf(0.1)]).toBe(1);
    expect(duration?.counts[0]).toBe(3);
    expect(duration?.sum).toBeCloseTo(0.07);
    const [firstToken] = histogramsOf(gateway, "sluice_time_to_first_token_seconds");
    expect(firstToken && total(firstToken)).toBe(1);
  });

  test("are open from their beginning to their end, whatever that is", async () => {
    const { gateway } = createTestGateway({
      providers: { a: createScriptedProvider(textScript("Hi there")) },
    });
    const open = () => scalarsOf(gateway, "sluice_open_calls")[0]?.value;
    expect(open()).toBe(0);
    const first = await gateway.stream(request);
    const second = await gateway.stream(request);
    expect(open()).toBe(2);
    for await (const _ of first.events) break;
    expect(open()).toBe(1);
    for await (const event of second.events) expect(event).toBeDefined();
    expect(open()).toBe(0);
    await expect(gateway.chat(request, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(open()).toBe(0);
  });

  test("that never began are counted by why", async () => {
    const { gateway } = createTestGateway({
      providers: { a: createScriptedProvider(textScript("Hi")) },
      access: {
        keyless: false,
        authenticate: () => Promise.reject(new GatewayError({ code: "unauthenticated", message: "No key." })),
      },
    });
    expect(gateway.access.keyless).toBe(false);
    const shown = { credential: undefined, remoteAddress: undefined, host: undefined, origin: undefined };
    await expect(gateway.access.authenticate(shown)).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(gateway.chat({ messages: [] })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(gateway.stream({ messages: [] })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(gateway.embed({ inputs: [] })).rejects.toMatchObject({ code: "invalid_request" });
    expect(scalarsOf(gateway, "sluice_requests_unrecorded_total")).toEqual([
      { labels: { error_code: "unauthenticated" }, value: 1 },
      { labels: { error_code: "invalid_request" }, value: 3 },
    ]);
    expect(scalarsOf(gateway, "sluice_requests_total")).toEqual([]);
    expect(gateway.metrics()).toMatchObject({ total_requests: 0 });
  });

  test("for vectors are an operation of their own, and no chat of the five figures", async () => {
    const { gateway } = createTestGateway({ providers: { a: createScriptedEmbedder() } });
    await gateway.embed({ inputs: ["Hello"], model: "a/m" });
    await Promise.resolve();
    expect(scalarsOf(gateway, "sluice_requests_total")).toEqual([
      { labels: { operation: "embed", status: "ok", error_code: "" }, value: 1 },
    ]);
    expect(gateway.metrics()).toMatchObject({ total_requests: 0 });
  });
});

describe("attempts", () => {
  test("are counted by provider and end, with their time, tokens and exact cost", async () => {
    const { gateway } = createTestGateway({
      providers: { a: down(), b: createScriptedProvider(textScript("a b c")) },
      prices: { find: () => price },
    });
    await gateway.chat(request);
    await gateway.chat(request);
    expect(scalarsOf(gateway, "sluice_attempts_total")).toEqual([
      { labels: { provider: "a", status: "failed", failure: "unavailable" }, value: 2 },
      { labels: { provider: "b", status: "ok", failure: "" }, value: 2 },
    ]);
    expect(
      histogramsOf(gateway, "sluice_attempt_duration_seconds").map((each) => [each.labels, total(each)]),
    ).toEqual([
      [{ provider: "a" }, 2],
      [{ provider: "b" }, 2],
    ]);
    const reply = await gateway.chat(request);
    expect(scalarsOf(gateway, "sluice_tokens_total")).toEqual([
      { labels: { provider: "b", kind: "input" }, value: 3 * (reply.usage?.input.total ?? 0) },
      { labels: { provider: "b", kind: "output" }, value: 3 * (reply.usage?.output.total ?? 0) },
    ]);
    expect(scalarsOf(gateway, "sluice_cost_dollars_total")).toEqual([
      { labels: { provider: "a" }, value: { nanos: 0n } },
      { labels: { provider: "b" }, value: { nanos: 3n * (reply.meta.costNanos ?? 0n) } },
    ]);
    expect(scalarsOf(gateway, "sluice_attempts_unpriced_total")).toEqual([]);
    expect(gateway.metrics()).toMatchObject({ total_requests: 3, failures: 3, providers_active: 2 });
  });

  test("without a price are counted as such, and cost nothing that is known", async () => {
    const { gateway } = createTestGateway({ providers: { a: createScriptedProvider(textScript("Hi")) } });
    await gateway.chat(request);
    expect(scalarsOf(gateway, "sluice_attempts_unpriced_total")).toEqual([
      { labels: { provider: "a" }, value: 1 },
    ]);
    expect(scalarsOf(gateway, "sluice_cost_dollars_total")).toEqual([]);
  });

  test("tell the kinds of tokens apart from their totals", async () => {
    const provider = createScriptedProvider({
      steps: [
        { type: "started" },
        { type: "part_started", index: 0, part: { kind: "text" } },
        { type: "part_delta", index: 0, text: "Hi" },
        { type: "part_finished", index: 0 },
        {
          type: "usage",
          usage: {
            input: { total: 10, uncached: 5, cacheRead: 3, cacheWrite: 2, audio: 1 },
            output: { total: 8, text: 2, reasoning: 6 },
            source: "reported",
          },
        },
        { type: "finished", reason: "stop" },
      ],
    });
    const { gateway } = createTestGateway({ providers: { a: provider } });
    await gateway.chat(request);
    const told = scalarsOf(gateway, "sluice_token_details_total").map(({ labels, value }) => [
      labels["kind"],
      value,
    ]);
    expect(told).toEqual([
      ["input_cache_read", 3],
      ["input_cache_write", 2],
      ["input_audio", 1],
      ["output_reasoning", 6],
    ]);
  });
});

test("a histogram's buckets include their upper ends, and what is beyond the last is kept", () => {
  const histogram = new Histogram([1, 2]);
  for (const value of [0, 1, 1.000_001, 2, 2.000_001, 1e9]) histogram.observe(value);
  const sample = histogram.sample({});
  expect(sample.counts).toEqual([2, 2, 2]);
  histogram.observe(1);
  expect(sample.counts).toEqual([2, 2, 2]);
});
