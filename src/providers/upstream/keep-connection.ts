// A stream's terminal event comes a moment before the end of its HTTP body. A reader that leaves in between would
// close a connection that the next call can use.

import { type PulledEvents, pulledEvents, pullNext } from "../../core/pulled-events.ts";

const graceMs = 1_000;

/**
 * The same batches; who leaves them once `complete` is true lets the rest of the body go by, for at most a second.
 */
export function keepConnection<F>(
  batches: AsyncIterable<readonly F[]>,
  complete: () => boolean,
): PulledEvents<readonly F[]> {
  const iterator = batches[Symbol.asyncIterator]();
  return pulledEvents({
    pull: (reader) => pullNext(iterator, reader),
    leave: () => (complete() ? void letGoBy(iterator) : iterator.return?.()),
  });
}

async function letGoBy(iterator: AsyncIterator<unknown>): Promise<void> {
  const timer = setTimeout(() => void iterator.return?.(), graceMs);
  timer.unref();
  try {
    for (let rest = await iterator.next(); rest.done !== true; rest = await iterator.next());
  } catch {
    // The reply is whole; how its connection ends concerns nobody.
  } finally {
    clearTimeout(timer);
  }
}
