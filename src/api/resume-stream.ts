import type { ChatEvent } from "../core/chat/events.ts";
import type { Gateway } from "../core/gateway.ts";
import type { Numbered, Reply } from "../core/reply.ts";
import { withoutWishes } from "./call-wishes.ts";
import type { Caller } from "./caller.ts";

export interface Resumed {
  readonly id: string;
  /** -1: from the start. */
  readonly afterSequence: number;
}

/** Reads on in a stream for a caller, whose headers say nothing of it. @throws GatewayError */
export async function resumeStream(
  gateway: Pick<Gateway, "resume">,
  { id, afterSequence }: Resumed,
  { signal, ...caller }: Caller & { readonly signal: AbortSignal },
): Promise<Reply<Numbered<ChatEvent>>> {
  return gateway.resume(id, afterSequence, { ...withoutWishes(caller), signal });
}
