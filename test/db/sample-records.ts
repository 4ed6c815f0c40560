// Records with every field set, for tests to change what they are about.

import { randomFillSync } from "node:crypto";
import { createIdSource, epochMsOfId } from "../../src/core/ids.ts";
import type { Principal } from "../../src/core/access/principal.ts";
import type { Price } from "../../src/core/pricing/price.ts";
import type { AttemptRecord, OpenedCall, RoutingChoice, Settlement } from "../../src/core/usage/ledger.ts";
import { systemClock } from "../../src/system-clock.ts";
import { principalOfRole } from "../support/principals.ts";

export const newId = createIdSource({ clock: systemClock, fillRandom: (bytes) => randomFillSync(bytes) });

/** An id of just that millisecond; ids made one after the other may share one or not. */
export const idAt = (epochMs: number): string => {
  const time = epochMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}${newId().slice(13)}`;
};

export const principalOf = (tenantId: string): Principal => principalOfRole("developer", tenantId);

export function openedCall(change: Partial<OpenedCall> = {}): OpenedCall {
  const id = change.id ?? newId();
  return {
    id,
    createdAtMs: epochMsOfId(id),
    tenantId: "default",
    actingFrom: undefined,
    apiKeyId: "key-1",
    userId: "user-1",
    environment: "test",
    runId: newId(),
    correlationId: "corr-1",
    traceId: "0af7651916cd43dd8448eb211c80319c",
    idempotencyKey: "once",
    operation: "chat",
    delivery: "streamed",
    loggingPolicy: "full",
    modelAsked: "auto",
    useCase: "search",
    labels: { team: "green", use_case: "search", __proto__x: "ü" },
    messageCount: 3,
    inputChars: 120,
    requestBody: { messages: [{ role: "user", parts: [{ type: "text", text: "Grüße" }] }] },
    ...change,
  };
}

export const sampleUsage = {
  input: { total: 100, uncached: 60, cacheRead: 30, cacheWrite: 10, audio: 5 },
  output: { total: 50, text: 40, reasoning: 10, audio: 3 },
  source: "reported",
} as const;

export const samplePrice: Price = {
  version: "list/llama",
  inputPicos: 590_000n,
  outputPicos: 790_000n,
  cacheReadPicos: 2n ** 60n + 1n,
  cacheWritePicos: 0n,
  cacheWriteLongPicos: 1n,
  inputAudioPicos: 2n,
  cacheReadAudioPicos: 3n,
  reasoningPicos: 4n,
  outputAudioPicos: 5n,
  outputMixed: true,
};

const sampleChoice: RoutingChoice = {
  strategy: "smart",
  explored: true,
  candidates: [
    {
      provider: "groq",
      model: "llama",
      score: 0.25,
      latency: 1,
      cost: 1e-7,
      expectedMs: 812.5,
      expectedNanos: 1_234_567.25,
    },
    { provider: "grün\ud83d\ude00", model: "", score: 1, latency: 0, cost: 0 },
  ],
};

export const attemptOf = (call: OpenedCall, change: Partial<AttemptRecord> = {}): AttemptRecord => ({
  id: newId(),
  callId: call.id,
  tenantId: call.tenantId,
  number: 1,
  reason: "primary",
  provider: "groq",
  kind: "groq",
  model: "llama",
  modelServed: "llama-2026",
  status: "failed",
  skipCause: "breaker_open",
  choice: sampleChoice,
  failure: "unavailable",
  errorMessage: "503 from the vendor",
  startedAtMs: call.createdAtMs + 2,
  timeToFirstTokenMs: 12.25,
  latencyMs: 310.125,
  httpStatus: 503,
  upstreamRequestId: "req_9",
  credentialId: "first",
  usage: sampleUsage,
  costNanos: 123_456_789n,
  priceVersion: samplePrice.version,
  price: samplePrice,
  ...change,
});

export const settlementOf = (call: OpenedCall, change: Partial<Settlement> = {}): Settlement => ({
  id: call.id,
  createdAtMs: call.createdAtMs,
  tenantId: call.tenantId,
  status: "failed",
  errorCode: "all_providers_failed",
  route: "default",
  provider: "groq",
  model: "llama",
  modelServed: "llama-2026",
  finishReason: "stop",
  attempts: 2,
  cacheStatus: "bypass",
  timeToFirstTokenMs: 20.5,
  latencyMs: 400.75,
  usage: sampleUsage,
  costNanos: 987_654_321n,
  savedNanos: undefined,
  answeredFrom: undefined,
  losses: [{ field: "sampling.topK", detail: "The provider has no such setting." }],
  outputChars: 40,
  replyBody: { parts: [{ kind: "text", text: "Hallo" }] },
  ...change,
});
