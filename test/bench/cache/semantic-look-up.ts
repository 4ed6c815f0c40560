import { createVectorIndex, type VectorIndex } from "../../../src/core/cache/semantic/vector-index.ts";
import { systemClock as clock } from "../../../src/system-clock.ts";
import type { Figure } from "../bench-context.ts";
import { quantile } from "../statistics.ts";
import { finelyInMs } from "../wording.ts";

const limitMs = 2;
const entries = 10_000;
const dimensions = 384;
const lookUps = 300;
const warmUpLookUps = 100;
/** As in shadow mode, which looks furthest. */
const wanted = { count: 8, atLeast: 0.8 } as const;
const place = { tenantId: "tenant", scope: "scope" };

/** The cosine that any two of them have, about: nothing in common, as texts of one field, and all of them near enough. */
const likenesses = [0, 0.7, 0.9] as const;

export const semanticLookUp: Figure = {
  name: "semantic",
  method: [
    `Semantic look-up in process: the nearest ${wanted.count} of ${entries} vectors of ${dimensions} dimensions with a cosine of ${wanted.atLeast} or more; all in`,
    "one scope. Any two of them have nothing in common; a cosine of about 0.7, as texts of one field do, so that little can",
    `be passed over early; or of 0.9, so that all of them are near. CPU of the thread, the mean of ${lookUps} look-ups.`,
    "Baseline: each vector multiplied with the asked one, and nothing else.",
  ],
  measure() {
    const measured = likenesses.map(measure);
    return Promise.resolve({
      lines: measured.map(({ likeness, ours, baseline }) => ({
        name: `look-up in ${entries} vectors, cosines about ${likeness}`,
        ours: finelyInMs(ours.cpuMs),
        baseline: finelyInMs(baseline.cpuMs),
        ratio: (ours.cpuMs / baseline.cpuMs).toFixed(2),
        limit: `≤ ${limitMs} ms`,
        holds: ours.cpuMs <= limitMs,
      })),
      notes: measured.map(
        ({ likeness, ours, baseline }) =>
          `cosines about ${likeness}: p99 of the time ${finelyInMs(ours.p99Ms)}, baseline ${finelyInMs(baseline.p99Ms)}`,
      ),
    });
  },
};

function measure(likeness: number) {
  const common = randomVector();
  const vectorAlike = (): Float32Array => alike(common, likeness);
  const vectors = Array.from({ length: entries }, vectorAlike);
  const index = indexOf(vectors);
  const asked = Array.from({ length: warmUpLookUps + lookUps }, vectorAlike);
  return {
    likeness,
    ours: costOf(asked, (vector) => index.nearest(place, vector, wanted).length),
    baseline: costOf(asked, (vector) => sumOfProducts(vectors, vector)),
  };
}

function indexOf(vectors: readonly Float32Array[]): VectorIndex {
  const maxBytes = 2 * entries * dimensions * Float32Array.BYTES_PER_ELEMENT;
  const index = createVectorIndex({ maxEntries: entries, maxBytes, tenantShare: 1, clock });
  const expiresAtMs = clock.epochMs() + 3_600_000;
  for (const [i, vector] of vectors.entries()) index.add({ place, id: String(i), vector, expiresAtMs });
  if (index.size !== entries) throw new Error(`The index holds ${index.size} vectors.`);
  return index;
}

interface LookUpCost {
  readonly cpuMs: number;
  readonly p99Ms: number;
}

/** What it gives is summed up, so that nothing of it is left out. */
function costOf(asked: readonly Float32Array[], lookUp: (vector: Float32Array) => number): LookUpCost {
  let sum = 0;
  for (const vector of asked.slice(0, warmUpLookUps)) sum += lookUp(vector);
  const tookMs: number[] = [];
  const before = process.threadCpuUsage();
  for (const vector of asked.slice(warmUpLookUps)) {
    const beganMs = performance.now();
    sum += lookUp(vector);
    tookMs.push(performance.now() - beganMs);
  }
  const { user, system } = process.threadCpuUsage(before);
  if (Number.isNaN(sum)) throw new Error("A look-up gave no number.");
  return { cpuMs: (user + system) / 1_000 / lookUps, p99Ms: quantile(tookMs, 0.99) };
}

function sumOfProducts(vectors: readonly Float32Array[], asked: Float32Array): number {
  let sum = 0;
  for (const vector of vectors) {
    for (let i = 0; i < dimensions; i += 1) sum += (vector[i] ?? 0) * (asked[i] ?? 0);
  }
  return sum;
}

/** Of normally distributed values: every direction is as likely. */
const randomVector = (): Float32Array =>
  Float32Array.from({ length: dimensions }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
    return radius * Math.cos(2 * Math.PI * Math.random());
  });

function alike(common: Float32Array, likeness: number): Float32Array {
  const own = randomVector();
  const [commonShare, ownShare] = [Math.sqrt(likeness), Math.sqrt(1 - likeness)];
  return own.map((value, i) => ownShare * value + commonShare * (common[i] ?? 0));
}
