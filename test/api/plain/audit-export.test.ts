import { afterEach, expect, it } from "vitest";
import type { AuditEntry } from "../../../src/core/directory/audit.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { type PlainFace, servePlain } from "./serve-plain.ts";

const faces: PlainFace[] = [];
afterEach(async () => {
  for (const face of faces.splice(0)) await face.close();
});

const entry = (sequence: number): AuditEntry => ({
  id: `e${sequence}`,
  atMs: Date.UTC(2026, 10, 1, 12),
  tenantId: "acme",
  sequence,
  kind: "change",
  action: "user.create",
  actor: { type: "user", id: "u" },
  target: { type: "user", id: "v" },
  before: undefined,
  after: { name: "line\nbreak" },
  origin: { address: "10.0.0.1", correlationId: undefined },
  count: 1,
  hash: "h",
  keyId: "k",
  sealBefore: sequence === 3 ? "j:s" : undefined,
});

type Ask = (query: unknown) => Promise<{ entries: readonly AuditEntry[]; hasMore: boolean }>;

async function begin(auditLog: Ask) {
  const face = await servePlain({
    wrap: (gateway) => ({
      ...gateway,
      administration: { ...gateway.administration, auditLog: (_, query) => auditLog(query) },
    }),
  });
  faces.push(face);
  return face;
}

it("an export has every page's entries, a line each", async () => {
  const asked: unknown[] = [];
  const pages = [
    { entries: [entry(3), entry(2)], hasMore: true },
    { entries: [entry(1)], hasMore: false },
  ];
  const { url } = await begin(async (query) => {
    asked.push(query);
    return pages[asked.length - 1] ?? { entries: [], hasMore: false };
  });
  const response = await fetch(`${url}/audit/export?tenant=acme&from=2026-11-01&to=2026-11-02T00:00:00Z`);
  expect(response.headers.get("content-type")).toBe("application/jsonl");
  const lines = (await response.text()).trimEnd().split("\n");
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    {
      sequence: 3,
      at: "2026-11-01T12:00:00.000Z",
      tenant: "acme",
      action: "user.create",
      actor: { type: "user", id: "u" },
      after: { name: "line\nbreak" },
      before: null,
      origin: "10.0.0.1",
      hash: "h",
      key_id: "k",
      seal_before: "j:s",
    },
    { sequence: 2, seal_before: null },
    { sequence: 1 },
  ]);
  const common = { tenantId: "acme", fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 2) };
  expect(asked).toMatchObject([common, { ...common, after: "e2" }]);
});

it("one that goes on has what follows a line, page by page by the trail's own numbers", async () => {
  const asked: unknown[] = [];
  const { url } = await begin(async (query) => {
    asked.push(query);
    return { entries: [entry(7 + asked.length)], hasMore: asked.length === 1 };
  });
  const lines = await (await fetch(`${url}/audit/export?tenant=acme&after=7`)).text();
  expect(lines).toMatch(/^\{.*"sequence":8,.*\}\n\{.*"sequence":9,.*\}\n$/);
  const common = { tenantId: "acme", first: 200 };
  expect(asked).toEqual([
    { ...common, afterSequence: 7 },
    { ...common, afterSequence: 8 },
  ]);
});

it("one that may not be is refused before its first line", async () => {
  const denied = new GatewayError({ code: "permission_denied", message: "No." });
  const { url } = await begin(() => Promise.reject(denied));
  expect((await fetch(`${url}/audit/export`)).status).toBe(403);
});

it("one that breaks does not pass for whole", async () => {
  let pages = 0;
  const { url } = await begin(async () => {
    pages += 1;
    if (pages > 1) throw new GatewayError({ code: "unavailable", message: "The database is away." });
    return { entries: [entry(1)], hasMore: true };
  });
  const read = async () => (await fetch(`${url}/audit/export`)).text();
  await expect(read()).rejects.toThrow();
});

it.each([
  ["tenants=acme", /tenants: is not known here/],
  ["from=yesterday", /from: must be a day/],
  ["from=2026-11-01T12:00:00", /from: must be a day/],
  ["from=2026-13-01", /from: must be a day/],
  ["from=2026-02-31", /from: must be a day/],
  ["from=2026-04-31T12:00:00Z", /from: must be a day/],
  ["after=", /after: must be/],
  ["after=-1", /after: must be/],
  ["after=0197a000-0000-7000-8000-000000000001", /after: must be/],
  ["after=9007199254740993", /after: must be/],
  ["to=2026-11-01&to=2026-11-02", /to: is there twice/],
])("the query %s is refused", async (query, message) => {
  const { url } = await begin(async () => ({ entries: [], hasMore: false }));
  const response = await fetch(`${url}/audit/export?${query}`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { message: expect.stringMatching(message) } });
});

it("one whose reader may not read any more ends there, and does not pass for whole", async () => {
  let isRevoked = false;
  let pages = 0;
  const face = await servePlain({
    wrap: (gateway) => ({
      ...gateway,
      access: {
        keyless: true,
        authenticate: (presented) =>
          isRevoked
            ? Promise.reject(new GatewayError({ code: "unauthenticated", message: "The key was revoked." }))
            : gateway.access.authenticate(presented),
      },
      administration: {
        ...gateway.administration,
        async auditLog() {
          pages += 1;
          isRevoked = pages === 2;
          return { entries: [entry(pages)], hasMore: pages < 4 };
        },
      },
    }),
  });
  faces.push(face);
  const read = async () => (await fetch(`${face.url}/audit/export`)).text();
  await expect(read()).rejects.toThrow();
  expect(pages).toBe(2);
});
