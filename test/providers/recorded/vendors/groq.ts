import { groqMember } from "../../../../src/providers/openai/family.ts";
import { chatCompletions } from "./chat-completions.ts";

export const groqVendor = chatCompletions("groq", groqMember);
