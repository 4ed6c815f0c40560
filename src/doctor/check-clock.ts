// Whether this machine's clock is right: signatures, certificates and records depend on it. Any server's `Date`
// header tells the time, to the second (RFC 9110, 6.6.1).

import type { Clock } from "../core/clock.ts";
import type { Check } from "./finding.ts";

const toleratedMs = 30_000;

export interface TimeSource {
  readonly name: string;
  /** Milliseconds since 1970; undefined when it does not tell. Never rejects. */
  readonly epochMs: (signal: AbortSignal) => Promise<number | undefined>;
}

export function checkClock(sources: readonly TimeSource[], clock: Clock): Check {
  const subject = "clock";
  return {
    subject,
    async look(signal) {
      const asked = await Promise.all(
        sources.map(async ({ name, epochMs }) => {
          const before = clock.epochMs();
          const told = await epochMs(signal);
          // It was told some time between question and answer.
          const aheadMs = told === undefined ? undefined : (before + clock.epochMs()) / 2 - told;
          return { name, aheadMs };
        }),
      );
      const compared = asked.flatMap(({ name, aheadMs }) =>
        aheadMs === undefined ? [] : [{ name, aheadMs }],
      );
      // Where several disagree, one of them is wrong, and this clock is right when it agrees with any.
      const [nearest] = compared.sort((a, b) => Math.abs(a.aheadMs) - Math.abs(b.aheadMs));
      if (nearest === undefined) {
        return [{ verdict: "ok", subject, text: "Not checked: nothing that tells the time can be reached." }];
      }
      const seconds = Math.round(Math.abs(nearest.aheadMs) / 1_000);
      if (Math.abs(nearest.aheadMs) <= toleratedMs) {
        return [{ verdict: "ok", subject, text: `Within ${seconds} s of that of ${nearest.name}.` }];
      }
      const way = nearest.aheadMs > 0 ? "ahead of" : "behind";
      const text = `It is ${seconds} s ${way} that of ${nearest.name}. Set it, and keep it right by NTP.`;
      return [{ verdict: "warn", subject, text }];
    },
  };
}

/** The time as a server's answers tell it, whatever they answer. */
export const timeOfServer = (url: string): TimeSource => ({
  name: new URL(url).host,
  async epochMs(signal) {
    try {
      const response = await fetch(new URL(url).origin, { method: "HEAD", redirect: "manual", signal });
      const told = Date.parse(response.headers.get("date") ?? "");
      return Number.isNaN(told) ? undefined : told;
    } catch {
      return undefined;
    }
  },
});
