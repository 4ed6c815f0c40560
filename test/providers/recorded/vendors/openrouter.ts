import { openRouterMember } from "../../../../src/providers/openai/chat/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const openRouterVendor = chatCompletions("openrouter", openRouterMember);
