import { expect, it } from "vitest";
import type { AttemptContext, Provider } from "../../src/core/provider.ts";
import { chooseApi } from "../../src/providers/choose-api.ts";
import { createScriptedProvider, textScript } from "../support/scripted-provider.ts";

const context = (api?: string): AttemptContext => ({
  model: "m",
  delivery: "unary",
  api,
  signal: new AbortController().signal,
});

function begin(usual: string, over: Readonly<Record<string, Partial<Provider>>> = {}) {
  const told: string[] = [];
  const create = (name: string) => (): Provider => {
    told.push(`made ${name}`);
    const scripted = createScriptedProvider(textScript("Hello"));
    return {
      async chat(request, attempt) {
        told.push(`${name} chats`);
        return scripted.chat(request, attempt);
      },
      async close() {
        told.push(`${name} closed`);
      },
      ...over[name],
    };
  };
  const provider = chooseApi({ chat: create("chat"), responses: create("responses") }, usual);
  return { provider, told };
}

const lists: Partial<Provider> = { listModels: async () => [{ id: "m" }] };
const embeds: Partial<Provider> = {
  embed: async () => ({ losses: [], httpStatus: 299, events: (async function* () {})() }),
};

it("a chat goes to the API that it names, else to the usual one, each made when first asked", async () => {
  const { provider, told } = begin("chat", { chat: { ...lists, ...embeds } });
  expect(told).toEqual(["made chat"]);
  await provider.chat({ messages: [] }, context());
  await provider.chat({ messages: [] }, context("responses"));
  await provider.chat({ messages: [] }, context("responses"));
  expect(told).toEqual(["made chat", "chat chats", "made responses", "responses chats", "responses chats"]);
  await provider.close?.();
  expect(told.slice(-2)).toEqual(["chat closed", "responses closed"]);
});

it("embeddings and the list are the usual API's, else the other's that has them", async () => {
  const { provider, told } = begin("responses", { chat: { ...lists, ...embeds } });
  expect(await provider.listModels?.(new AbortController().signal)).toEqual([{ id: "m" }]);
  expect(await provider.embed?.({ inputs: ["x"] }, context())).toMatchObject({ httpStatus: 299 });
  await provider.chat({ messages: [] }, context());
  expect(told.at(-1)).toBe("responses chats");
});

it("what no API has is not there", () => {
  const { provider } = begin("chat");
  expect(provider).not.toHaveProperty("embed");
  expect(provider).not.toHaveProperty("listModels");
});

it("an API that does not exist is an error that names those that do", async () => {
  const { provider } = begin("chat");
  await expect(provider.chat({ messages: [] }, context("constructor"))).rejects.toMatchObject({
    failure: "model_unavailable",
    message: 'It has no API "constructor". There are: chat, responses.',
  });
});
