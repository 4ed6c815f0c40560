// Upstream, gateway and client run in this process over loopback, where what was sent has arrived: after so many
// turns of the event loop nothing is on its way.

const turns = 50;

export async function quietLoop(): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
