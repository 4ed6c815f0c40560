/** Sends an SSE answer at its pace, with the fault that was asked for. */
import type { DemoFault } from "./faults.ts";
import { strikeAfterHeaders, type Performance, type Stage } from "./send-whole.ts";
import type { WireEvent } from "./vendor.ts";

// Several events go out in one write while nobody asked for a pace.
const batchLength = 16 * 1024;

type StreamFault = Exclude<DemoFault, { kind: "status" | "reset" }>;

export async function sendStream(
  stage: Stage,
  events: Iterable<WireEvent>,
  { delayMs, fault }: Performance,
): Promise<void> {
  const { exchange } = stage;
  const contentType = stage.vendor.contentTypes.stream;
  if (fault !== undefined && (await strikeAfterHeaders(stage, contentType, fault))) return;
  exchange.head(200, { "content-type": contentType, ...stage.headers });
  let pending = fault?.kind === "status" || fault?.kind === "reset" ? undefined : fault;
  let batch = "";
  let batched = 0;
  const flush = (): Promise<void> | undefined => {
    stage.eventsSent(batched);
    const bytes = batch;
    [batch, batched] = ["", 0];
    return bytes === "" ? undefined : exchange.send(bytes);
  };
  let count = 0;
  for (const event of events) {
    if (pending !== undefined && (count >= afterEvents(pending) || event.kind === "closing")) {
      if (pending.kind !== "malformed_line") {
        stage.eventsSent(batched);
        return strikeStream(stage, pending, { batch, next: event.text });
      }
      batch += stage.vendor.malformedEvent;
      pending = undefined;
    }
    if (delayMs > 0 && event.kind === "token") {
      await flush();
      await exchange.pause(delayMs);
    } else if (batch.length >= batchLength) {
      await flush();
    }
    if (exchange.closed) return;
    batch += event.text;
    batched += 1;
    count += 1;
  }
  stage.eventsSent(batched);
  exchange.end(batch);
}

function afterEvents(fault: StreamFault): number {
  if (fault.kind === "quiet_end") return Infinity;
  if (fault.kind !== "hang") return fault.afterEvents;
  return typeof fault.at === "string" ? Infinity : fault.at.afterEvents;
}

async function strikeStream(
  { exchange, vendor }: Stage,
  fault: StreamFault,
  { batch, next }: { readonly batch: string; readonly next: string },
): Promise<void> {
  if (fault.kind === "cut") {
    // By bytes, so that the cut can fall inside a character as a real one does.
    const bytes = Buffer.from(next);
    await exchange.send(Buffer.concat([Buffer.from(batch), bytes.subarray(0, bytes.length / 2)]));
    return exchange.breakOff("fin");
  }
  if (fault.kind === "hang") {
    if (batch === "") exchange.flushHead();
    else await exchange.send(batch);
    return exchange.untilClosed();
  }
  exchange.end(fault.kind === "error_event" ? batch + vendor.errorEvent : batch);
}
