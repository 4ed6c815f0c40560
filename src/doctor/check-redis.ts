// The Redis that several gateways share. One that is away stops no start, so it is no reason to fail.

import type { Settings } from "../config/configuration.ts";
import { unsharedLimits } from "../create-limits.ts";
import type { Check, Finding } from "./finding.ts";

const subject = "Redis";

/**
 * Says nothing where none is needed.
 * @param ask what is wrong with it, as a sentence; undefined where it answers
 */
export const checkRedis = (
  settings: Pick<Settings, "redisUrl" | "nodes">,
  ask: (url: string) => Promise<string | undefined>,
): Check => ({
  subject,
  async look(): Promise<readonly Finding[]> {
    const { redisUrl } = settings;
    if (redisUrl === undefined) {
      return unsharedLimits(settings).map((text) => ({ verdict: "warn", subject, text }));
    }
    const failure = await ask(redisUrl);
    return [
      failure === undefined
        ? { verdict: "ok", subject, text: `${new URL(redisUrl).host} answers.` }
        : { verdict: "warn", subject, text: failure },
    ];
  },
});
