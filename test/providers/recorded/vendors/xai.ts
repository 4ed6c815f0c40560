import { xAiMember } from "../../../../src/providers/openai/chat/members.ts";
import { chatCompletions } from "./chat-completions.ts";

export const xAiVendor = chatCompletions("xai", xAiMember, { reasoningCounted: "beside" });
