// How often something happened in the last so many milliseconds, counted in slices of time. The window's edge cuts
// through the oldest slice, so the number is known from above and from below.

const slicesPerWindow = 20;
const sliceCount = slicesPerWindow + 1;

export class SlidingCount {
  readonly #sliceMs: number;
  /** A ring: the slice of number n has place n mod `sliceCount`. */
  readonly #counts = new Uint32Array(sliceCount);
  #newestSlice = 0;
  #total = 0;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / slicesPerWindow;
  }

  add(nowMs: number): void {
    this.#moveTo(nowMs);
    const place = this.#newestSlice % sliceCount;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#total += 1;
  }

  /** Counts the oldest slice whole. */
  atMost(nowMs: number): number {
    this.#moveTo(nowMs);
    return this.#total;
  }

  /** Leaves the oldest slice out. */
  atLeast(nowMs: number): number {
    this.#moveTo(nowMs);
    return this.#total - (this.#counts[(this.#newestSlice + 1) % sliceCount] ?? 0);
  }

  #moveTo(nowMs: number): void {
    const slice = Math.floor(nowMs / this.#sliceMs);
    if (slice <= this.#newestSlice) return;
    const emptied = Math.min(slice - this.#newestSlice, sliceCount);
    for (let step = 1; step <= emptied; step += 1) {
      const place = (this.#newestSlice + step) % sliceCount;
      this.#total -= this.#counts[place] ?? 0;
      this.#counts[place] = 0;
    }
    this.#newestSlice = slice;
  }
}
