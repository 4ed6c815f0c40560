import { expect, test } from "vitest";
import { addressOf } from "../../../../src/providers/openai/chat/address.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import type { ProviderSettings } from "../../../../src/providers/openai/credential.ts";
import {
  azureMember,
  compatibleMember,
  deepSeekMember,
  groqMember,
  mistralMember,
  ollamaMember,
  openAiMember,
  openRouterMember,
  vllmMember,
  xAiMember,
} from "../../../../src/providers/openai/chat/members.ts";

const chatAt = (member: FamilyMember, baseUrl: string, settings: ProviderSettings = {}) =>
  addressOf(member, { call: "chat", model: "gpt", baseUrl, settings });

test.each([
  [openAiMember, "https://api.openai.com/v1", "/chat/completions"],
  [groqMember, "https://api.groq.com", "/openai/v1/chat/completions"],
  [groqMember, "https://api.groq.com/openai/v1", "/chat/completions"],
  [openRouterMember, "https://openrouter.ai/api/v1", "/chat/completions"],
  [xAiMember, "https://api.x.ai/v1", "/chat/completions"],
  [mistralMember, "https://api.mistral.ai", "/v1/chat/completions"],
  [mistralMember, "https://api.mistral.ai/v1", "/chat/completions"],
  [deepSeekMember, "https://api.deepseek.com", "/chat/completions"],
  [vllmMember, "http://127.0.0.1:8000", "/v1/chat/completions"],
  [ollamaMember, "http://127.0.0.1:11434/v1", "/chat/completions"],
  [compatibleMember, "https://a.example/api/paas/v4", "/chat/completions"],
] as const)("$name at %s is asked at %s", (member, baseUrl, path) => {
  expect(chatAt(member, baseUrl)).toEqual({ path, model: "gpt" });
});

test("Azure: a deployment that bears the model's name, or one that the settings name", () => {
  const endpoint = "https://x.openai.azure.com";
  expect(chatAt(azureMember, endpoint)).toEqual({
    path: "/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
    model: "gpt",
  });
  expect(
    chatAt(azureMember, `${endpoint}/openai`, {
      apiVersion: "2025-04-01-preview",
      deployments: { gpt: "my gpt" },
    }),
  ).toEqual({
    path: "/deployments/my%20gpt/chat/completions?api-version=2025-04-01-preview",
    model: "my gpt",
  });
});

test("Azure's v1 API needs no version, and has the deployment in the body", () => {
  const deployments = { gpt: "mine" };
  const v1 = { path: "/openai/v1/chat/completions", model: "mine" };
  expect(chatAt(azureMember, "https://x.example", { apiVersion: "v1", deployments })).toEqual(v1);
  expect(chatAt(azureMember, "https://x.example", { apiVersion: "preview" }).path).toBe(
    "/openai/v1/chat/completions?api-version=preview",
  );
  expect(chatAt(azureMember, "https://x.example/openai/v1", { apiVersion: "2024-10-21" }).path).toBe(
    "/chat/completions",
  );
});

test("Azure: a base URL may name the deployment, or the endpoint for models of other makers", () => {
  expect(chatAt(azureMember, "https://x.example/openai/deployments/d").path).toBe(
    "/chat/completions?api-version=2024-10-21",
  );
  expect(chatAt(azureMember, "https://x.services.ai.example/models").path).toBe(
    "/chat/completions?api-version=2024-05-01-preview",
  );
});

test("Azure: embeddings stand beside the chat, the list of models beside the deployments", () => {
  const asked = { model: "e", baseUrl: "https://x.example", settings: {} };
  expect(addressOf(azureMember, { ...asked, call: "embeddings" }).path).toBe(
    "/openai/deployments/e/embeddings?api-version=2024-10-21",
  );
  expect(addressOf(azureMember, { ...asked, call: "models" }).path).toBe(
    "/openai/models?api-version=2024-10-21",
  );
});

test("the key is a bearer token; Azure has a header for it, and bearer tokens of Entra ID; none is none", () => {
  const settings = {};
  expect(openAiMember.authOf({ apiKey: "k", settings })).toEqual({ authorization: "Bearer k" });
  expect(azureMember.authOf({ apiKey: "k", settings })).toEqual({ "api-key": "k" });
  expect(azureMember.authOf({ apiKey: "k", settings: { adToken: "t" } })).toEqual({
    authorization: "Bearer t",
  });
  for (const member of [ollamaMember, azureMember]) {
    expect(member.authOf({ apiKey: "", settings })).toEqual({});
  }
});
