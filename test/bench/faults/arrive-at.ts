// Puts a constant rate of calls on a gateway, as the figures of faults ask for it.

import { openAiBody } from "./chats.ts";
import type { FaultsContext } from "./faults-context.ts";
import { type ArrivalReport, arrivalReport, type Arrivals } from "./messages.ts";
import type { ServedGateway } from "./served-gateway.ts";

export interface Arriving extends Pick<Arrivals, "callsPerSecond" | "durationMs"> {
  readonly streamed: boolean;
  readonly headers?: Arrivals["headers"];
  /** Absent: answers are counted from the beginning. */
  readonly settleMs?: number;
}

export function arriveAt(
  { httpPort: port }: ServedGateway,
  { streamed, headers = {}, settleMs = 0, callsPerSecond, durationMs }: Arriving,
  { callers }: Pick<FaultsContext, "callers">,
): Promise<ArrivalReport> {
  const body = openAiBody({ stream: 0, streamed });
  const expect = streamed ? "data: [DONE]" : "chat.completion";
  const load = { port, headers, body, expect, callsPerSecond, durationMs, settleMs };
  return callers.ask({ ask: "arrive", load }, arrivalReport);
}
