import { mistralMember } from "../../../../src/providers/openai/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const mistralVendor = chatCompletions("mistral", mistralMember);
