// What a gateway that runs already says is wrong with it, as records that it cannot write.

import type { Check } from "./finding.ts";

const subject = "gateway";

/** @param problems of the gateway; rejects where none runs */
export const checkGateway = (problems: (signal: AbortSignal) => Promise<readonly string[]>): Check => ({
  subject,
  async look(signal) {
    const said = await problems(signal).catch(() => []);
    return said.map((problem) => ({ verdict: "warn", subject, text: `The one that runs says: ${problem}` }));
  },
});
