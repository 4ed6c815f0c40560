// What the links of one gateway to its Redis tell each other: that one of them waits for an answer. The others ask it
// too, so that all of them know at about the same time that it is gone, and a call that needs several waits once.

export interface RedisSuspicion {
  /** All ask. */
  raise(): void;
  /** `ask` is called each time. Gives how to leave. */
  join(ask: () => void): () => void;
}

export function createRedisSuspicion(): RedisSuspicion {
  const asks = new Set<() => void>();
  return {
    raise() {
      for (const ask of asks) ask();
    },
    join(ask) {
      asks.add(ask);
      return () => void asks.delete(ask);
    },
  };
}
