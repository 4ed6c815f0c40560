// Builds a member's request, as it goes over the wire, with the fields that were lost.

import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import { openAiMember } from "../../../../src/providers/openai/chat/members.ts";
import { buildOpenAiRequest, type RequestContext } from "../../../../src/providers/openai/chat/request.ts";

export const hello: ChatRequest["messages"] = [{ role: "user", parts: [{ type: "text", text: "Hello" }] }];

export function build(
  request: Partial<ChatRequest>,
  member: FamilyMember = openAiMember,
  over: Partial<Pick<RequestContext, "model" | "delivery" | "heldToModel">> = {},
) {
  const { body, losses } = buildOpenAiRequest(
    { messages: hello, ...request },
    { model: "m", delivery: "unary", ...over, member },
  );
  // Without what is undefined.
  const sent: Record<string, unknown> = JSON.parse(JSON.stringify(body));
  return { sent, losses, fields: losses.map((loss) => loss.field) };
}
