// A quantile of durations in which what came long ago counts less. They are counted in logarithmic buckets, and all
// counts are halved when they add up to 512, and with every five minutes.

const fullTotal = 512;
const halfLifeMs = 300_000;

/** Each bucket ends 2 % above the one below it: from 1 ms to an hour. */
const growth = 1.02;
const logGrowth = Math.log(growth);
const longestMs = 3_600_000;
const bucketCount = Math.ceil(Math.log(longestMs) / logGrowth) + 1;

/** The quantile is found anew when so much of what is counted has come since: one duration moves it little. */
const staleShare = 1 / 32;

const bucketOf = (durationMs: number): number =>
  durationMs <= 1 ? 0 : Math.min(Math.ceil(Math.log(durationMs) / logGrowth), bucketCount - 1);

export class DecayingQuantile {
  readonly #percent: number;
  readonly #counts = new Float64Array(bucketCount);
  #total = 0;
  #halvedMs = 0;
  #foundMs = 0;
  #addedSinceFound = 0;

  constructor(percent: number) {
    this.#percent = percent;
  }

  add(durationMs: number, nowMs: number): void {
    this.#age(nowMs);
    const bucket = bucketOf(durationMs);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
    this.#addedSinceFound += 1;
    if (this.#total >= fullTotal) this.#scale(0.5);
  }

  /** How many durations it knows: one that counts half is half of one. */
  total(): number {
    return this.#total;
  }

  /** The shortest time that such a percentage did not exceed, at most 2 % too long from 1 ms up; 0 for none. */
  valueMs(): number {
    if (this.#addedSinceFound >= this.#total * staleShare) {
      this.#foundMs = this.#find();
      this.#addedSinceFound = 0;
    }
    return this.#foundMs;
  }

  forget(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  #find(): number {
    // By nearest rank, from the longest down, where less has to be passed.
    let mayBeLonger = (this.#total * (100 - this.#percent)) / 100;
    for (let bucket = bucketCount - 1; bucket >= 0; bucket -= 1) {
      mayBeLonger -= this.#counts[bucket] ?? 0;
      if (mayBeLonger < 0) return growth ** bucket;
    }
    return 0;
  }

  #age(nowMs: number): void {
    const halvings = Math.floor((nowMs - this.#halvedMs) / halfLifeMs);
    if (halvings === 0) return;
    this.#halvedMs += halvings * halfLifeMs;
    if (this.#total > 0) this.#scale(0.5 ** halvings);
  }

  #scale(factor: number): void {
    const counts = this.#counts;
    for (let bucket = 0; bucket < bucketCount; bucket += 1) {
      counts[bucket] = (counts[bucket] ?? 0) * factor;
    }
    this.#total *= factor;
  }
}
