/** Buckets for whatever takes as long as a call, in seconds: from an answer out of a cache to the usual deadline. */
export const callSeconds: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600,
];
