import type { ChatEvent } from "../core/chat/events.ts";
import { GatewayError } from "../core/errors.ts";
import type { Gateway } from "../core/gateway.ts";
import type { Numbered, Reply } from "../core/reply.ts";
import { withoutWishes } from "./call-wishes.ts";
import type { Caller } from "./caller.ts";

export interface Resumed {
  readonly id: string;
  /** -1: from the start. */
  readonly afterSequence: number;
  /** All that came before is read too. */
  readonly fromStart?: boolean | undefined;
  /** The place was said by this header, of which errors speak then. */
  readonly header?: "last-event-id" | undefined;
}

/** Reads on in a stream for a caller, whose headers say nothing of it. @throws GatewayError */
export async function resumeStream(
  gateway: Pick<Gateway, "resume">,
  { id, afterSequence, fromStart, header }: Resumed,
  { signal, ...caller }: Caller & { readonly signal: AbortSignal },
): Promise<Reply<Numbered<ChatEvent>>> {
  try {
    return await gateway.resume(id, afterSequence, { ...withoutWishes(caller), signal, fromStart });
  } catch (error) {
    throw header === undefined ? error : saidBy(header, error);
  }
}

const coreField = "afterSequence";

function saidBy(header: string, error: unknown): unknown {
  if (!(error instanceof GatewayError) || error.field !== coreField) return error;
  const { code, message, meta, limits } = error;
  return new GatewayError({ code, field: header, message: message.replace(coreField, header), meta, limits });
}
