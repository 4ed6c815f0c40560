// The rule of each method of the contract's services.

import type { JsonObject } from "@bufbuild/protobuf";
import type { Rule } from "./rule.ts";

const messages = [{ role: "ROLE_USER", parts: [{ text: "Hello" }] }];

const chat: Rule<JsonObject> = {
  needs: "gateway:use",
  elsewhere: "permission_denied",
  ask: ({ at }) => ({ messages, labels: { tenant: at.id } }),
};

/** By service and method. */
export const rpcRules: Readonly<Record<string, Rule<JsonObject>>> = {
  "sluice.v1.ChatService/Chat": chat,
  "sluice.v1.ChatService/StreamChat": chat,
  // A stream is no tenant's but its caller's: to all others there is none.
  "sluice.v1.ChatService/ResumeChat": {
    needs: "gateway:use",
    says: "not_found",
    elsewhere: "not_found",
    ask: () => ({ id: "019a0000-0000-7000-8000-000000000000" }),
  },
  "sluice.v1.EmbeddingService/Embed": {
    needs: "gateway:use",
    elsewhere: "permission_denied",
    ask: ({ at }) => ({
      model: "openai/demo-embed",
      inputs: [{ text: "Hello" }],
      labels: { tenant: at.id },
    }),
  },
  "sluice.v1.ModelService/ListModels": { needs: "gateway:use", elsewhere: "ok", ask: () => ({}) },
};
