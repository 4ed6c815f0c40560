// Every code of the table, before the answer has begun and after.

import { afterEach, describe, expect, test } from "vitest";
import type { ChatEvent } from "../../../src/core/chat/events.ts";
import { type ErrorCode, errorTable, GatewayError } from "../../../src/core/errors.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import type { Numbered, ReplyMeta } from "../../../src/core/reply.ts";
import { plain } from "./scripts.ts";
import { eventsOf, type OpenAiFace, serveOpenAi } from "./serve-openai.ts";

let face: OpenAiFace | undefined;
afterEach(() => face?.close());

const asked = { messages: [{ role: "user", content: "Hi" }] };
const meta: ReplyMeta = { requestId: "id-9", attempts: 1, cacheStatus: "bypass", losses: [] };
const codes = Object.keys(errorTable).filter((code): code is ErrorCode => Object.hasOwn(errorTable, code));

const types: Record<ErrorCode, string> = {
  invalid_request: "invalid_request_error",
  content_blocked: "invalid_request_error",
  unauthenticated: "authentication_error",
  budget_exceeded: "insufficient_quota",
  permission_denied: "permission_error",
  not_found: "not_found_error",
  conflict: "conflict_error",
  payload_too_large: "invalid_request_error",
  idempotency_mismatch: "idempotency_error",
  rate_limited: "rate_limit_error",
  cancelled: "cancelled_error",
  internal: "server_error",
  all_providers_failed: "server_error",
  overloaded: "server_error",
  unavailable: "server_error",
  deadline_exceeded: "server_error",
};
const neverResent: ReadonlySet<ErrorCode> = new Set([
  "conflict",
  "cancelled",
  "internal",
  "all_providers_failed",
  "deadline_exceeded",
]);

/** A gateway whose every call fails: at once, or after one piece of text. */
const failing =
  (error: unknown, afterText: boolean) =>
  (gateway: Gateway): Gateway => ({
    ...gateway,
    async chat() {
      throw error;
    },
    async stream() {
      if (afterText) return { meta, events: textThen(error) };
      throw error;
    },
  });

async function* textThen(error: unknown): AsyncGenerator<Numbered<ChatEvent>> {
  yield { type: "started", id: "id-9", provider: "p", model: "m", createdAtMs: 0, meta, sequence: 0 };
  yield { type: "part_started", index: 0, part: { kind: "text" }, sequence: 1 };
  yield { type: "part_delta", index: 0, text: "so far", sequence: 2 };
  throw error;
}

describe.each(codes)("%s", (code) => {
  const error = new GatewayError({ code, message: `Because of ${code}.`, meta, field: "model" });
  const body = {
    error: { message: `Because of ${code}.`, type: types[code], param: "model", code, request_id: "id-9" },
  };

  test.each([false, true])("before the answer, streamed: %s", async (stream) => {
    face = await serveOpenAi({ scripts: [plain], wrap: failing(error, false) });
    const response = await face.post({ ...asked, stream });
    expect(response.status).toBe(errorTable[code].http);
    expect(response.headers.get("x-request-id")).toBe("id-9");
    expect(response.headers.get("x-sluice-request-id")).toBe("id-9");
    expect(response.headers.get("x-should-retry")).toBe(neverResent.has(code) ? "false" : null);
    expect(await response.json()).toEqual(body);
  });

  test("after the first event: an error in the stream, no [DONE]", async () => {
    face = await serveOpenAi({ scripts: [plain], wrap: failing(error, true) });
    const response = await face.post({ ...asked, stream: true });
    expect(response.status).toBe(200);
    const events = eventsOf(await response.text());
    expect(events).toHaveLength(3);
    expect(events[1]).toContain("so far");
    expect(JSON.parse(events[2] ?? "")).toEqual(body);
  });
});

test("the time that a failed call took is told where it is known", async () => {
  const error = new GatewayError({ code: "internal", message: "No.", meta: { ...meta, latencyMs: 12.6 } });
  face = await serveOpenAi({ scripts: [plain], wrap: failing(error, false) });
  expect((await face.post(asked)).headers.get("openai-processing-ms")).toBe("13");
});

test("a wait is told in whole seconds, rounded up, and lets a failed call be sent again", async () => {
  const error = new GatewayError({ code: "all_providers_failed", message: "All.", retryAfterMs: 1_001 });
  face = await serveOpenAi({ scripts: [plain], wrap: failing(error, false) });
  const response = await face.post(asked);
  expect(response.headers.get("retry-after")).toBe("2");
  expect(response.headers.get("retry-after-ms")).toBe("1001");
  expect(response.headers.get("x-should-retry")).toBeNull();
  expect(await response.json()).toMatchObject({ error: { retry_after_ms: 1_001 } });
});

test("a wait that clients do not keep lets nothing be sent again", async () => {
  const error = new GatewayError({ code: "all_providers_failed", message: "All.", retryAfterMs: 60_001 });
  face = await serveOpenAi({ scripts: [plain], wrap: failing(error, false) });
  const response = await face.post(asked);
  expect(response.headers.get("retry-after")).toBe("61");
  expect(response.headers.get("x-should-retry")).toBe("false");
});

test("a wait is told in a stream too, whose headers are gone by then", async () => {
  const error = new GatewayError({ code: "overloaded", message: "Full.", retryAfterMs: 1_000.4 });
  face = await serveOpenAi({ scripts: [plain], wrap: failing(error, true) });
  const last = eventsOf(await (await face.post({ ...asked, stream: true })).text()).at(-1);
  expect(JSON.parse(last ?? "")).toMatchObject({ error: { code: "overloaded", retry_after_ms: 1_001 } });
});

test.each([false, true])("what was not foreseen shows nothing of itself (streamed: %s)", async (stream) => {
  face = await serveOpenAi({ scripts: [plain], wrap: failing(new Error("secret of ours"), stream) });
  const text = await (await face.post({ ...asked, stream })).text();
  expect(text).toContain('"code":"internal"');
  expect(text).not.toContain("secret");
});

test("the caller's own request id comes back with an error", async () => {
  face = await serveOpenAi({ scripts: [plain] });
  const response = await face.post({ messages: [] }, { "x-request-id": "mine" });
  expect(response.headers.get("x-request-id")).toBe("mine");
});

test("whoever is not let in gets no further", async () => {
  const refuse = new GatewayError({ code: "unauthenticated", message: "Send a key." });
  face = await serveOpenAi({
    scripts: [plain],
    wrap: (gateway) => ({
      ...gateway,
      access: { keyless: false, authenticate: () => Promise.reject(refuse) },
    }),
  });
  expect((await face.post("not even JSON")).status).toBe(401);
  expect((await fetch(`${face.baseUrl}/models`)).status).toBe(401);
  expect(face.provider.calls).toHaveLength(0);
});
