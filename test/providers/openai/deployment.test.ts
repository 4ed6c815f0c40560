import { expect, test } from "vitest";
import { addressOf } from "../../../src/providers/openai/chat/address.ts";
import { azureMember } from "../../../src/providers/openai/chat/members.ts";
import { addressOf as responsesAddressOf } from "../../../src/providers/openai/responses/address.ts";
import { azureResponses } from "../../../src/providers/openai/responses/members.ts";

const asked = {
  baseUrl: "https://x.openai.azure.com",
  settings: { deployments: { "gpt-5": "mine" } },
};

test.each([
  ["gpt-5", "mine"],
  ["gpt-6", "gpt-6"],
  // Callers choose the model: what every object inherits is no deployment.
  ["constructor", "constructor"],
  ["__proto__", "__proto__"],
  ["toString", "toString"],
])("%s is the deployment %s in both formats", (model, deployment) => {
  expect(addressOf(azureMember, { ...asked, call: "chat", model })).toEqual({
    path: `/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21`,
    model: deployment,
  });
  expect(responsesAddressOf(azureResponses, { ...asked, model }).model).toBe(deployment);
});
