import { ollamaMember } from "../../../../src/providers/openai/chat/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const ollamaVendor = chatCompletions("ollama", ollamaMember);
