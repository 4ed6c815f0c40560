// The list of models against a server that pages as the vendor does.

import { once } from "node:events";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { createAnthropicProvider } from "../../../src/providers/anthropic/index.ts";
import { portOf } from "../upstream/raw-server.ts";

interface Page {
  readonly status?: number;
  readonly body: unknown;
}

/** Asks a vendor that gives these pages, one after the other, the last one for ever. */
async function list(...pages: readonly Page[]) {
  const asked: { readonly url: string | undefined; readonly key: unknown; readonly version: unknown }[] = [];
  const server = createServer((incoming, response) => {
    const { "x-api-key": key, "anthropic-version": version } = incoming.headers;
    const page = pages[Math.min(asked.length, pages.length - 1)];
    asked.push({ url: incoming.url, key, version });
    response.writeHead(page?.status ?? 200, { "content-type": "application/json", "request-id": "req_7" });
    response.end(typeof page?.body === "string" ? page.body : JSON.stringify(page?.body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const provider = createAnthropicProvider({ baseUrl: `http://127.0.0.1:${portOf(server)}/`, apiKey: "key" });
  try {
    return { asked, models: await provider.listModels?.(new AbortController().signal), error: undefined };
  } catch (error) {
    return { asked, models: undefined, error };
  } finally {
    await provider.close?.();
    server.close();
  }
}

const page = (ids: readonly string[], more: boolean): Page => ({
  body: {
    data: ids.map((id) => ({ type: "model", id, display_name: id.toUpperCase() })),
    has_more: more,
    first_id: ids[0],
    last_id: ids.at(-1),
  },
});

test("one page gives what is told of each model", async () => {
  const supported = { supported: true };
  const model = {
    type: "model",
    id: "claude-x-1",
    display_name: "Claude X 1",
    created_at: "2026-01-01T00:00:00Z",
    max_input_tokens: 200_000,
    max_tokens: 64_000,
    capabilities: {
      image_input: supported,
      thinking: { supported: false, types: {} },
      structured_outputs: supported,
    },
  };
  const { asked, models } = await list({ body: { data: [model], has_more: false, last_id: "claude-x-1" } });
  expect(asked).toEqual([{ url: "/v1/models?limit=1000", key: "key", version: "2023-06-01" }]);
  expect(models).toEqual([
    {
      id: "claude-x-1",
      displayName: "Claude X 1",
      operations: ["chat"],
      contextTokens: 200_000,
      maxOutputTokens: 64_000,
      capabilities: { vision: true, reasoning: false, jsonSchema: true },
    },
  ]);
});

test("further pages are asked for behind the last id", async () => {
  const { asked, models } = await list(page(["a", "b/c"], true), page(["d"], false));
  expect(asked.map(({ url }) => url)).toEqual([
    "/v1/models?limit=1000",
    "/v1/models?limit=1000&after_id=b%2Fc",
  ]);
  expect(models).toMatchObject([{ id: "a", displayName: "A" }, { id: "b/c" }, { id: "d" }]);
});

test("a list without an end is left", async () => {
  const again = await list(page(["a"], true), page(["b"], true));
  expect(again.asked).toHaveLength(3);
  const many = ["a", "b", "c", "d", "e", "f", "g"].map((id) => page([id], true));
  const { asked, models } = await list(...many);
  expect(asked).toHaveLength(5);
  expect(models).toHaveLength(5);
});

test("what is of another type than documented is left out", async () => {
  const strange = { id: "a", display_name: 7, max_input_tokens: "1", max_tokens: 0, capabilities: [] };
  const { models } = await list({ body: { data: [strange, null, {}, "x", { id: 1 }], has_more: "yes" } });
  expect(models).toEqual([{ id: "a", operations: ["chat"] }]);
});

test("a failure is the vendor's, and what is no list a broken reply", async () => {
  const error = { type: "authentication_error", message: "invalid x-api-key" };
  const refused = await list({ status: 401, body: { type: "error", error } });
  expect(refused.error).toMatchObject({ failure: "authentication", upstreamRequestId: "req_7" });
  for (const body of ["<html>", "null", "[]", "{}", '{"data":{}}']) {
    expect((await list({ body })).error).toMatchObject({ failure: "broken_reply" });
  }
});
