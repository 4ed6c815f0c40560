// A gateway with a server of one's own as its only provider, known by its address alone.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { configurationOf, createGateway, type RunningGateway } from "../../src/gateway.ts";
import { createScriptedProvider, textScript } from "../support/scripted-provider.ts";
import { keylessPrincipal } from "../support/principals.ts";

const principal = keylessPrincipal;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function listen(body: object): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => server.close());
  const { port }: Partial<AddressInfo> = Object(server.address());
  return `http://127.0.0.1:${port}`;
}

async function begin(environment: Record<string, string>): Promise<RunningGateway> {
  const gateway = await createGateway(
    configurationOf({ DATABASE_URL: "sqlite::memory:", LOG_LEVEL: "silent", ...environment }),
  );
  closers.push(() => gateway.close());
  return gateway;
}

const defaultTargets = (gateway: RunningGateway) =>
  gateway.settings
    .routes(principal)
    .find(({ name }) => name === "default")
    ?.targets.map(({ provider, model }) => `${provider}/${model}`);

it("serves by the first model of the server's own list that can chat", async () => {
  const data = ["nomic-embed-text", "Qwen/Qwen3-8B"].map((id) => ({ id, object: "model" }));
  const gateway = await begin({ VLLM_BASE_URL: await listen({ object: "list", data }) });
  expect(defaultTargets(gateway)).toEqual(["vllm/Qwen/Qwen3-8B"]);
  expect(gateway.readiness()).toEqual({ ready: true, problems: [] });
  const models = await gateway.settings.models(principal);
  expect(models.find(({ id }) => id === "vllm/Qwen/Qwen3-8B")).toMatchObject({
    capabilities: { tools: true, reasoning: true, jsonSchema: true },
  });
});

it("starts without the server, says what to do, and serves by a provider that is added", async () => {
  const gateway = await begin({ VLLM_BASE_URL: await listen({ object: "list", data: [] }) });
  expect(gateway.readiness()).toEqual({
    ready: false,
    problems: [
      "vllm: has no model, and its own list does not help: It lists none that can chat. Set VLLM_MODEL.",
      "No provider has a model: no route can serve.",
    ],
  });
  await expect(gateway.ask({ user: "Hi" })).rejects.toMatchObject({
    code: "unavailable",
    message: "No provider has a model yet. Name one as provider/model; /ready tells what is missing.",
  });
  const adapter = createScriptedProvider(textScript("Hello"));
  expect(() => gateway.addProvider("vllm", adapter)).toThrow(expect.objectContaining({ code: "conflict" }));
  gateway.addProvider("mine", adapter, { models: ["m"] });
  expect(await gateway.ask({ user: "Hi" })).toBe("Hello");
  expect(gateway.readiness().ready).toBe(true);
});
