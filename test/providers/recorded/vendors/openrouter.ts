import { openRouterMember } from "../../../../src/providers/openai/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const openRouterVendor = chatCompletions("openrouter", openRouterMember);
