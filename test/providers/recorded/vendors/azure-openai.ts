import { azureMember } from "../../../../src/providers/openai/chat/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const azureOpenAiVendor = chatCompletions("azure-openai", azureMember, {
  requestIdHeader: "apim-request-id",
});
