// The generic cell rate algorithm (ITU-T I.371, annex A), told as what is used of a bucket and comes back evenly: the
// whole limit at once, then as much again in each minute. Whole microseconds and whole units, with what is left over
// of a division carried on: nothing drifts, however long it goes.

const minuteUs = 60_000_000;

/**
 * One bucket. It keeps what is used, not what is left: so each asker's limit, also one that has changed, is held
 * against the same use. Time comes from outside, in milliseconds; one that goes back brings nothing back.
 */
export class GcraBucket {
  /** Whole units. Above the limit where more was used than was reserved. */
  #used = 0;
  /** What has come back beyond whole units, in parts of 60,000,000. */
  #carry = 0;
  #sinceUs = 0;

  /** Brings back what time has. Before each of the others, with the same limit. */
  refill(nowMs: number, limit: number): void {
    const nowUs = Math.floor(nowMs * 1_000);
    const elapsedUs = nowUs - this.#sinceUs;
    // A clock that was set back for good: time counts from here on.
    if (elapsedUs < -minuteUs) this.#sinceUs = nowUs;
    if (this.#isFullAfter(elapsedUs, limit)) {
      this.#used = 0;
      this.#carry = 0;
      // Rounded up: of a microsecond that has begun before the first use, nothing comes back.
      this.#sinceUs = Math.ceil(nowMs * 1_000);
      return;
    }
    if (elapsedUs <= 0) return;
    const restUs = elapsedUs % minuteUs;
    this.#used -= this.#backIn(elapsedUs, limit);
    this.#carry = this.#partsIn(restUs, limit) % minuteUs;
    this.#sinceUs = nowUs;
  }

  /** Whether `refill` would fill it. */
  isFullAt(nowMs: number, limit: number): boolean {
    return this.#isFullAfter(Math.floor(nowMs * 1_000) - this.#sinceUs, limit);
  }

  remaining(limit: number): number {
    return limit - this.#used;
  }

  /** `cost`: whole, below zero to give back. What is given back beyond what was used is lost. */
  use(cost: number): void {
    this.#used = Math.max(0, this.#used + cost);
    if (this.#used === 0) this.#carry = 0;
  }

  /** Whole milliseconds until the cost could be taken: with one less it could not. `cost`: 1 to the limit. */
  waitMs(cost: number, limit: number, nowMs: number): number {
    const missing = this.#used + cost - limit;
    if (missing <= 0) return 0;
    const dueUs = this.#sinceUs + this.#timeForUs(missing, limit);
    return Math.max(1, Math.ceil((dueUs - Math.floor(nowMs * 1_000)) / 1_000));
  }

  /** Milliseconds until it is full, rounded up. */
  resetMs(limit: number): number {
    return Math.ceil((this.#used / limit) * 60_000);
  }

  #isFullAfter(elapsedUs: number, limit: number): boolean {
    return this.#used === 0 || (elapsedUs > 0 && this.#backIn(elapsedUs, limit) >= this.#used);
  }

  /** Whole units. Of months it is not exact, and more than any use. */
  #backIn(elapsedUs: number, limit: number): number {
    const minutes = Math.floor(elapsedUs / minuteUs);
    const restUs = elapsedUs - minutes * minuteUs;
    const parts = this.#partsIn(restUs, limit);
    return minutes * limit + restUs * Math.floor(limit / minuteUs) + Math.floor(parts / minuteUs);
  }

  /** Less than 2^53: of less than a minute, and of a limit's part below one unit a microsecond. */
  #partsIn(restUs: number, limit: number): number {
    return restUs * (limit % minuteUs) + this.#carry;
  }

  /** The least time in which so many units come back. */
  #timeForUs(units: number, limit: number): number {
    const minutes = Math.floor(units / limit);
    const rest = units - minutes * limit;
    let restUs = Math.ceil((rest * minuteUs - this.#carry) / limit);
    // The product is exact below 2^53; beyond, the quotient may be one off.
    while (this.#backIn(restUs, limit) < rest) restUs += 1;
    while (restUs > 0 && this.#backIn(restUs - 1, limit) >= rest) restUs -= 1;
    return minutes * minuteUs + restUs;
  }
}
