// Vectors of length 1 and one dimension in one stretch of memory, searched four at a time.

export interface NearRow {
  readonly row: number;
  /** The cosine of the angle. */
  readonly similarity: number;
}

export interface NearestWanted {
  readonly count: number;
  /** More than 0. */
  readonly atLeast: number;
  readonly nowMs: number;
}

const rowsAtOnce = 4;

export class VectorRows {
  readonly dimensions: number;
  readonly #half: number;
  #count = 0;
  #values: Float32Array;
  /** The length of each vector's second half. */
  #restNorms: Float32Array;
  #expiresAtMs: Float64Array;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.#half = dimensions >> 1;
    this.#values = new Float32Array(rowsAtOnce * dimensions);
    this.#restNorms = new Float32Array(rowsAtOnce);
    this.#expiresAtMs = new Float64Array(rowsAtOnce);
  }

  get count(): number {
    return this.#count;
  }

  /** Gives its row. */
  add(vector: Float32Array, expiresAtMs: number): number {
    const row = this.#count;
    if (row === this.#restNorms.length) this.#resize(row * 2);
    this.#values.set(vector, row * this.dimensions);
    this.#restNorms[row] = lengthFrom(this.#half, vector);
    this.#expiresAtMs[row] = expiresAtMs;
    this.#count += 1;
    return row;
  }

  /** The last row comes in its place. */
  removeAt(row: number): void {
    const last = this.#count - 1;
    const from = last * this.dimensions;
    this.#values.copyWithin(row * this.dimensions, from, from + this.dimensions);
    this.#restNorms[row] = this.#restNorms[last] ?? 0;
    this.#expiresAtMs[row] = this.#expiresAtMs[last] ?? 0;
    this.#count = last;
    const { length } = this.#restNorms;
    if (length > rowsAtOnce && last <= length / 4) this.#resize(length / 2);
  }

  /** The nearest first. */
  nearest(vector: Float32Array, { count, atLeast, nowMs }: NearestWanted): readonly NearRow[] {
    const found: NearRow[] = [];
    const restNorm = lengthFrom(this.#half, vector);
    const query = Float64Array.from(vector);
    const similarities = new Float64Array(rowsAtOnce);
    let least = atLeast;
    for (let block = 0; block < this.#count; block += rowsAtOnce) {
      if (!this.#measure(block, { query, restNorm, least }, similarities)) continue;
      for (let at = 0; at < rowsAtOnce; at += 1) {
        const similarity = similarities[at] ?? 0;
        const row = block + at;
        if (similarity < least || row >= this.#count || (this.#expiresAtMs[row] ?? 0) <= nowMs) continue;
        insert(found, { row, similarity: Math.min(similarity, 1) });
        if (found.length > count) found.pop();
        if (found.length === count) least = Math.max(least, found.at(-1)?.similarity ?? least);
      }
    }
    return found;
  }

  /** False where none of the four can come near enough: half of each, and the most that the rest can add, tell. */
  #measure(block: number, search: Search, similarities: Float64Array): boolean {
    const { query, restNorm, least } = search;
    const half = this.#half;
    similarities.fill(0);
    this.#addProducts(block, { query, from: 0, to: half }, similarities);
    let mayReach = false;
    for (let at = 0; at < rowsAtOnce; at += 1) {
      const most = (similarities[at] ?? 0) + restNorm * (this.#restNorms[block + at] ?? 0);
      // Single precision is not exact.
      if (most >= least - 1e-4) mayReach = true;
    }
    if (!mayReach) return false;
    this.#addProducts(block, { query, from: half, to: this.dimensions }, similarities);
    return true;
  }

  #addProducts(block: number, { query, from, to }: Stretch, sums: Float64Array): void {
    const values = this.#values;
    const { dimensions } = this;
    const a = block * dimensions;
    const b = a + dimensions;
    const c = b + dimensions;
    const d = c + dimensions;
    let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
    for (let at = from; at < to; at += 1) {
      const value = query[at] ?? 0;
      sumA += value * (values[a + at] ?? 0);
      sumB += value * (values[b + at] ?? 0);
      sumC += value * (values[c + at] ?? 0);
      sumD += value * (values[d + at] ?? 0);
    }
    sums[0] = (sums[0] ?? 0) + sumA;
    sums[1] = (sums[1] ?? 0) + sumB;
    sums[2] = (sums[2] ?? 0) + sumC;
    sums[3] = (sums[3] ?? 0) + sumD;
  }

  #resize(rows: number): void {
    const values = new Float32Array(rows * this.dimensions);
    values.set(this.#values.subarray(0, this.#count * this.dimensions));
    const restNorms = new Float32Array(rows);
    restNorms.set(this.#restNorms.subarray(0, this.#count));
    const expiresAtMs = new Float64Array(rows);
    expiresAtMs.set(this.#expiresAtMs.subarray(0, this.#count));
    this.#values = values;
    this.#restNorms = restNorms;
    this.#expiresAtMs = expiresAtMs;
  }
}

interface Search {
  readonly query: Float64Array;
  readonly restNorm: number;
  readonly least: number;
}

interface Stretch {
  readonly query: Float64Array;
  readonly from: number;
  readonly to: number;
}

function lengthFrom(from: number, vector: Float32Array): number {
  let squares = 0;
  for (let at = from; at < vector.length; at += 1) squares += (vector[at] ?? 0) ** 2;
  return Math.sqrt(squares);
}

function insert(found: NearRow[], near: NearRow): void {
  const at = found.findIndex(({ similarity }) => similarity < near.similarity);
  found.splice(at === -1 ? found.length : at, 0, near);
}
