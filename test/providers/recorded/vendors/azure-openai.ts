import { azureMember } from "../../../../src/providers/openai/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const azureOpenAiVendor = chatCompletions("azure-openai", azureMember, {
  requestIdHeader: "apim-request-id",
});
