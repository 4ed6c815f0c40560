import { mistralMember } from "../../../../src/providers/openai/chat/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const mistralVendor = chatCompletions("mistral", mistralMember);
