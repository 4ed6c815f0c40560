// How much an upstream could send while nobody reads.

import type { DemoUpstream } from "../../../src/demo/demo-upstream.ts";

// Upstream, gateway and client run in this process over loopback, where what was sent has arrived: once so
// many turns of the event loop bring nothing new, nothing is on its way.
const quietTurns = 500;

export async function settledEvents(upstream: DemoUpstream): Promise<number> {
  const sent = () => upstream.received.at(-1)?.eventsSent ?? 0;
  let last = sent();
  for (let quiet = 0; quiet < quietTurns; quiet += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (sent() !== last) [last, quiet] = [sent(), 0];
  }
  return last;
}
