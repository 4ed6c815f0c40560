// A stream's terminal event comes a moment before the end of its HTTP body. A reader that leaves in between would
// close a connection that the next call can use.

const graceMs = 1_000;

/**
 * The same batches; who leaves them once `complete` is true lets the rest of the body go by, for at most a second.
 */
export function keepConnection<F>(
  batches: AsyncIterable<readonly F[]>,
  complete: () => boolean,
): AsyncIterable<readonly F[]> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = batches[Symbol.asyncIterator]();
      return {
        next: () => iterator.next(),
        async return() {
          if (complete()) void letGoBy(iterator);
          else await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
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
