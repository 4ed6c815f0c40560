/**
 * Events that come all together, as those of an answer that is read whole: whoever wants them all waits once, and
 * not for each (see `allOf`).
 */
export class EventsAtOnce<E> implements AsyncIterable<E> {
  /** Called once. */
  readonly come: () => Promise<readonly E[]>;

  constructor(come: () => Promise<readonly E[]>) {
    this.come = come;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<E, void, undefined> {
    yield* await this.come();
  }
}
