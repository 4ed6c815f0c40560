import { deepSeekMember } from "../../../../src/providers/openai/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const deepSeekVendor = chatCompletions("deepseek", deepSeekMember);
