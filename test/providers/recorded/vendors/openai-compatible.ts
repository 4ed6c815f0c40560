import { compatibleMember } from "../../../../src/providers/openai/chat/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const compatibleVendor = chatCompletions("openai-compatible", compatibleMember, {
  endsWith: "finish reason",
});
