// How long a provider's connections wait.

import type { ProviderConfiguration } from "./config/configuration.ts";
import { longestWaits } from "./config/longest-waits.ts";
import { defaultTimeouts } from "./providers/upstream/create-upstream.ts";
import type { UpstreamTimeouts } from "./providers/upstream/upstream.ts";

/** The gateway's own timers ring first: they tell which time was over. */
const graceMs = 5_000;

export function upstreamTimeouts(
  provider: Pick<ProviderConfiguration, "connectMs" | "policy">,
): UpstreamTimeouts {
  const { firstTokenMs, betweenTokensMs, wholeAnswerMs } = longestWaits(provider);
  return {
    connectMs: provider.connectMs ?? defaultTimeouts.connectMs,
    headersMs: Math.max(firstTokenMs, wholeAnswerMs) + graceMs,
    idleMs: betweenTokensMs + graceMs,
  };
}
