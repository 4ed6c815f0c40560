// The ChatRequest of a gRPC call in the bench, as bytes.

import { create, toBinary } from "@bufbuild/protobuf";
import { ChatRequestSchema, Role } from "../../generated/proto/sluice/v1/chat_pb.ts";

export interface Prompt {
  readonly model: string;
  readonly system: string;
  readonly user: string;
  readonly temperature: number;
}

export const encodeChatRequest = ({ model, system, user, temperature }: Prompt): Uint8Array =>
  toBinary(
    ChatRequestSchema,
    create(ChatRequestSchema, {
      model,
      messages: [message(Role.SYSTEM, system), message(Role.USER, user)],
      sampling: { temperature },
    }),
  );

const message = (role: Role, value: string) => ({
  role,
  parts: [{ content: { case: "text" as const, value } }],
});
