// Records of a gateway that has handled nothing yet.

import type { Records } from "../../src/core/usage/records.ts";
import type { UsageFigures } from "../../src/core/usage/usage-report.ts";

const noFigures: UsageFigures = {
  calls: 0n,
  attempts: 0n,
  errors: 0n,
  fallbacks: 0n,
  cacheHits: 0n,
  savedNanos: null,
  tokens: {
    input: undefined,
    inputUncached: undefined,
    inputCacheRead: undefined,
    inputCacheWrite: undefined,
    inputAudio: undefined,
    output: undefined,
    outputText: undefined,
    outputReasoning: undefined,
    outputAudio: undefined,
  },
  costNanos: null,
  unpriced: 0n,
  latency: undefined,
  timeToFirstToken: undefined,
};

export const noRecords: Records = {
  requests: () => Promise.resolve({ records: [], hasMore: false }),
  request: () => Promise.resolve(undefined),
  bodies: () => Promise.resolve(undefined),
  usage: () => Promise.resolve({ totals: noFigures, groups: [], warnings: [] }),
  usageByKey: (_, { fromMs, toMs }) => Promise.resolve({ fromMs, toMs, keys: [] }),
};
