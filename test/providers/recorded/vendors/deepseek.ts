import { deepSeekMember } from "../../../../src/providers/openai/chat/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const deepSeekVendor = chatCompletions("deepseek", deepSeekMember);
