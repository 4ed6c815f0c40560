// `GET /analytics/usage-by-key?from&to`: what each API key used in a time.

import type { IncomingMessage, ServerResponse } from "node:http";
import { may } from "../../core/access/authorize.ts";
import type { Principal } from "../../core/access/principal.ts";
import type { Clock } from "../../core/clock.ts";
import type { ApiKey } from "../../core/directory/entries.ts";
import type { Gateway } from "../../core/gateway.ts";
import type { KeyUsage } from "../../core/usage/key-usage.ts";
import { readCaller } from "../caller.ts";
import { connectionOf } from "../http-front-end.ts";
import { sendJson } from "../send-json.ts";
import { queryOf, timeIn } from "./query.ts";

/** Where nothing is said: the 30 days until now. */
const usualMs = 30 * 86_400_000;
const namesAtATime = 200;

export interface UsageByKeyPorts {
  readonly gateway: Gateway;
  readonly clock: Clock;
}

/** Costs are in dollars; null: nothing is known. @throws GatewayError */
export async function answerUsageByKey(
  { gateway, clock }: UsageByKeyPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { principal } = await readCaller(gateway.access, connectionOf(request));
  const query = queryOf(request, ["from", "to"]);
  const toMs = timeIn(query, "to") ?? clock.epochMs();
  const fromMs = timeIn(query, "from") ?? toMs - usualMs;
  const { keys } = await gateway.records.usageByKey(principal, { fromMs, toMs });
  const named = await namesOf(gateway, principal, keys);
  sendJson(response, 200, {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    keys: keys.map((usage) => entryOf(usage, named.get(usage.apiKeyId))),
  });
}

/** Of those that are still there; whoever may not see keys sees their ids. */
async function namesOf(
  { administration }: Gateway,
  principal: Principal,
  keys: readonly KeyUsage[],
): Promise<ReadonlyMap<string, ApiKey>> {
  const named = new Map<string, ApiKey>();
  if (!may(principal, "api_keys:view")) return named;
  for (let at = 0; at < keys.length; at += namesAtATime) {
    const ids = keys.slice(at, at + namesAtATime).map(({ apiKeyId }) => apiKeyId);
    for (const apiKey of await administration.apiKeysById(principal, ids)) {
      if (apiKey !== undefined) named.set(apiKey.id, apiKey);
    }
  }
  return named;
}

const entryOf = (usage: KeyUsage, apiKey: ApiKey | undefined) => ({
  api_key_id: usage.apiKeyId,
  key_prefix: apiKey?.prefix ?? null,
  name: apiKey?.name ?? null,
  tenant: usage.tenantId,
  requests: Number(usage.requests),
  failed: Number(usage.failed),
  prompt_tokens: numberOf(usage.inputTokens),
  completion_tokens: numberOf(usage.outputTokens),
  total_tokens: numberOf(usage.totalTokens),
  avg_latency_ms: roundedMs(usage.latency?.averageMs),
  p95_latency_ms: roundedMs(usage.latency?.p95Ms),
  cost: dollarsOf(usage.costNanos),
  by_provider: usage.byProvider.map(({ provider, requests, totalTokens, costNanos }) => ({
    provider,
    requests: Number(requests),
    total_tokens: numberOf(totalTokens),
    cost: dollarsOf(costNanos),
  })),
  last_used_at: new Date(usage.lastUsedAtMs).toISOString(),
});

/** Nobody has used 2⁵³ tokens. */
const numberOf = (count: bigint | undefined): number => Number(count ?? 0n);

const roundedMs = (ms: number | undefined): number | null =>
  ms === undefined ? null : Math.round(ms * 10) / 10;

const dollarsOf = (nanos: bigint | null): number | null => (nanos === null ? null : Number(nanos) / 1e9);
