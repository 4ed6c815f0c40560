// Upstream, gateway and client run in this process over loopback, where what was sent has arrived: after so many
// turns of the event loop nothing is on its way.

const turns = 50;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Lets the event loop turn until it is so; the test's own time is the limit. */
export async function turnsUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

export async function quietLoop(): Promise<void> {
  for (let turned = 0; turned < turns; turned += 1) await turn();
}
