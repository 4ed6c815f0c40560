// Puts a constant rate of calls on gateways, as the figures of faults ask for it.

import { openAiBody } from "./chats.ts";
import type { FaultsContext } from "./faults-context.ts";
import { type ArrivalReport, arrivalReports, type Arrivals } from "./messages.ts";
import type { ServedGateway } from "./served-gateway.ts";

export interface Arriving extends Pick<Arrivals, "callsPerSecond" | "durationMs"> {
  readonly streamed: boolean;
  readonly headers?: Arrivals["headers"];
  /** Absent: answers are counted from the beginning. */
  readonly settleMs?: number;
}

type Callers = Pick<FaultsContext, "callers">;

/** The same on several at the same time: what the machine does meanwhile meets all of them. Gives theirs in order. */
export async function arriveAtEach(
  gateways: readonly ServedGateway[],
  { streamed, headers = {}, settleMs = 0, callsPerSecond, durationMs }: Arriving,
  { callers }: Callers,
): Promise<readonly ArrivalReport[]> {
  const ports = gateways.map(({ httpPort }) => httpPort);
  const body = openAiBody({ stream: 0, streamed });
  const expect = streamed ? "data: [DONE]" : "chat.completion";
  const load = { ports, headers, body, expect, callsPerSecond, durationMs, settleMs };
  return (await callers.ask({ ask: "arrive", load }, arrivalReports)).reports;
}

export async function arriveAt(
  gateway: ServedGateway,
  arriving: Arriving,
  callers: Callers,
): Promise<ArrivalReport> {
  const [report] = await arriveAtEach([gateway], arriving, callers);
  if (report === undefined) throw new Error("The callers told nothing of their calls.");
  return report;
}
