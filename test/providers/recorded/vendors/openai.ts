import { openAiMember } from "../../../../src/providers/openai/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const openAiVendor = chatCompletions("openai", openAiMember);
