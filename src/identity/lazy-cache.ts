import { LRUCache } from "lru-cache";

export interface LazyCache<K extends string, V extends object | string | true> {
  /** Made with the first use. */
  readonly use: () => LRUCache<K, V>;
  /** Undefined: it was never used. */
  readonly ifUsed: () => LRUCache<K, V> | undefined;
}

/** A cache takes room for all that it may hold when it is made: a gateway that needs none of it has it to spare. */
export function createLazyCache<K extends string, V extends object | string | true>(
  max: number,
): LazyCache<K, V> {
  let made: LRUCache<K, V> | undefined;
  return { use: () => (made ??= new LRUCache<K, V>({ max })), ifUsed: () => made };
}
