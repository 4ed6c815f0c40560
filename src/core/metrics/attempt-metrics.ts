// What attempts tell: how they ended, how long they took, what they used and cost. By provider: their names come
// from the configuration, so that there are only so many series; models are no label.

import type { AttemptRecord } from "../usage/ledger.ts";
import type { Usage } from "../chat/usage.ts";
import { callSeconds } from "./call-seconds.ts";
import { Histogram } from "./histogram.ts";
import type { MetricFamily } from "./metric-family.ts";
import { Series } from "./series.ts";

export interface AttemptMetrics {
  ended(attempt: AttemptRecord): void;
  families(): readonly MetricFamily[];
}

export function createAttemptMetrics(): AttemptMetrics {
  const ended = new Series(["provider", "status", "failure"], () => ({ count: 0 }));
  const reasons = new Series(["provider", "reason"], () => ({ count: 0 }));
  const durations = new Series(["provider"], () => new Histogram(callSeconds));
  const tokens = new Series(["provider", "kind"], () => ({ count: 0 }));
  const tokenDetails = new Series(["provider", "kind"], () => ({ count: 0 }));
  const costs = new Series(["provider"], () => ({ nanos: 0n }));
  const unpriced = new Series(["provider"], () => ({ count: 0 }));

  const used = (provider: string, { input, output }: Usage): void => {
    const add = (series: typeof tokens, kind: string, count: number | undefined) => {
      if (count !== undefined) series.at(provider, kind).count += count;
    };
    add(tokens, "input", input.total);
    add(tokens, "output", output.total);
    add(tokenDetails, "input_cache_read", input.cacheRead);
    add(tokenDetails, "input_cache_write", input.cacheWrite);
    add(tokenDetails, "input_audio", input.audio);
    add(tokenDetails, "output_reasoning", output.reasoning);
    add(tokenDetails, "output_audio", output.audio);
  };

  return {
    ended({ provider, status, failure, skipCause, reason, latencyMs, usage, costNanos }) {
      ended.at(provider, status, failure ?? skipCause).count += 1;
      if (status === "skipped") return;
      reasons.at(provider, reason).count += 1;
      durations.at(provider).observe(latencyMs / 1000);
      if (usage !== undefined) used(provider, usage);
      if (costNanos === null) unpriced.at(provider).count += 1;
      else costs.at(provider).nanos += costNanos;
    },
    families: () => [
      counters("sluice_attempts_total", "Attempts at a provider, by how they ended.", ended),
      counters("sluice_attempts_by_reason_total", "Attempts that were made, by why.", reasons),
      {
        name: "sluice_attempt_duration_seconds",
        help: "From the beginning of an attempt to its end, the whole stream included.",
        type: "histogram",
        samples: durations.map((labels, histogram) => histogram.sample(labels)),
      },
      counters("sluice_tokens_total", "Tokens that were read and written, as far as known.", tokens),
      counters(
        "sluice_token_details_total",
        "Of sluice_tokens_total, the tokens of a kind; one token may be of several kinds.",
        tokenDetails,
      ),
      {
        name: "sluice_cost_dollars_total",
        help: "What attempts cost, in US dollars, as far as known.",
        type: "counter",
        samples: costs.map((labels, { nanos }) => ({ labels, value: { nanos } })),
      },
      counters("sluice_attempts_unpriced_total", "Attempts whose cost is not known.", unpriced),
    ],
  };
}

const counters = (name: string, help: string, series: Series<{ count: number }>): MetricFamily => ({
  name,
  help,
  type: "counter",
  samples: series.map((labels, { count }) => ({ labels, value: count })),
});
