import { groqMember } from "../../../../src/providers/openai/chat/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const groqVendor = chatCompletions("groq", groqMember);
