import { openAiMember } from "../../../../src/providers/openai/chat/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const openAiVendor = chatCompletions("openai", openAiMember);
