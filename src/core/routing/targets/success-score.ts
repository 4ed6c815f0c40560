// How well a target does, from 0 to 1, as its attempts tell: a decaying average of 1 for each that succeeded and
// 0 for each that failed. A target begins with 1, so one early failure is no verdict.

/** How much the newest attempt counts; one of ten attempts ago counts about a third of that. */
const newestWeight = 0.1;

export class SuccessScore {
  #score = 1;

  succeeded(): void {
    this.#score += (1 - this.#score) * newestWeight;
  }

  failed(): void {
    this.#score -= this.#score * newestWeight;
  }

  score(): number {
    return this.#score;
  }
}
