import { afterEach, expect, it } from "vitest";
import type { ApiKey } from "../../../src/core/directory/entries.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { KeyUsage, KeyUsageQuestion } from "../../../src/core/usage/key-usage.ts";
import { principalOfRole } from "../../support/principals.ts";
import { type PlainFace, servePlain } from "./serve-plain.ts";

const faces: PlainFace[] = [];
afterEach(async () => {
  for (const face of faces.splice(0)) await face.close();
});

const used: KeyUsage = {
  apiKeyId: "k1",
  tenantId: "acme",
  requests: 3n,
  failed: 1n,
  inputTokens: 10n,
  outputTokens: 5n,
  totalTokens: 15n,
  latency: { averageMs: 12.345, p50Ms: 11, p95Ms: 20.04, p99Ms: 30 },
  costNanos: 15_000n,
  byProvider: [{ provider: "groq", requests: 3n, totalTokens: 15n, costNanos: null }],
  lastUsedAtMs: Date.UTC(2026, 10, 2),
};

const key: ApiKey = {
  id: "k1",
  tenantId: "acme",
  userId: undefined,
  name: "Backend",
  prefix: "slc_live_abc",
  environment: "live",
  limits: {},
  budget: {},
  permissions: ["gateway:use"],
  expiresAtMs: undefined,
  active: true,
  revokedAtMs: undefined,
  lastUsedAtMs: undefined,
  previousExpiresAtMs: undefined,
  createdAtMs: 0,
  updatedAtMs: 0,
  version: 1,
};

async function begin(role: "admin" | "developer", ask?: () => Promise<never>) {
  const asked: KeyUsageQuestion[] = [];
  const face = await servePlain({
    access: { keyless: false, authenticate: async () => principalOfRole(role, "acme") },
    wrap: (gateway) => ({
      ...gateway,
      records: {
        ...gateway.records,
        usageByKey: async (_, question) => {
          asked.push(question);
          await ask?.();
          return { ...question, keys: [used, { ...used, apiKeyId: "gone", latency: undefined }] };
        },
      },
      administration: {
        ...gateway.administration,
        apiKeysById: async (_, ids) => ids.map((id) => (id === "k1" ? key : undefined)),
      },
    }),
  });
  faces.push(face);
  return { ...face, asked };
}

it("tells what each key used, by whose name", async () => {
  const { url, asked } = await begin("admin");
  const response = await fetch(`${url}/analytics/usage-by-key?from=2026-11-01&to=2026-12-01`);
  expect(response.status).toBe(200);
  const entry = {
    api_key_id: "k1",
    key_prefix: "slc_live_abc",
    name: "Backend",
    tenant: "acme",
    requests: 3,
    failed: 1,
    prompt_tokens: 10,
    completion_tokens: 5,
    total_tokens: 15,
    avg_latency_ms: 12.3,
    p95_latency_ms: 20,
    cost: 0.000015,
    by_provider: [{ provider: "groq", requests: 3, total_tokens: 15, cost: null }],
    last_used_at: "2026-11-02T00:00:00.000Z",
  };
  const nameless = { key_prefix: null, name: null, avg_latency_ms: null, p95_latency_ms: null };
  expect(await response.json()).toEqual({
    from: "2026-11-01T00:00:00.000Z",
    to: "2026-12-01T00:00:00.000Z",
    keys: [entry, { ...entry, api_key_id: "gone", ...nameless }],
  });
  expect(asked).toEqual([{ fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 11, 1) }]);
});

it("tells whoever may not see keys their ids alone", async () => {
  const { url } = await begin("developer");
  const answer: unknown = await (await fetch(`${url}/analytics/usage-by-key`)).json();
  expect(answer).toMatchObject({ keys: [{ api_key_id: "k1", name: null }, {}] });
});

it("asks for the 30 days until now where nothing is said", async () => {
  const { url, asked } = await begin("admin");
  await fetch(`${url}/analytics/usage-by-key`);
  expect(asked.map(({ fromMs, toMs }) => toMs - fromMs)).toEqual([30 * 86_400_000]);
});

const denied = () => Promise.reject(new GatewayError({ code: "permission_denied", message: "No." }));

it("refuses in its own form", async () => {
  const { url } = await begin("admin", denied);
  const response = await fetch(`${url}/analytics/usage-by-key`);
  expect(response.status).toBe(403);
  expect(await response.json()).toEqual({
    error: { code: "permission_denied", message: "No.", request_id: null },
  });
});
