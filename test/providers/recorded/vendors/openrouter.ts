import { openRouterMember } from "../../../../src/providers/openai/family.ts";
import { chatCompletions } from "./chat-completions.ts";

export const openRouterVendor = chatCompletions("openrouter", openRouterMember);
