// Whoever holds a stolen session must not find out its user's password by trying.

import { GatewayError } from "../errors.ts";

const maxWrongTries = 5;
const tryAgainMs = 15 * 60_000;
const maxRemembered = 10_000;

export interface WrongTries {
  /** @throws GatewayError `rate_limited` after five in a quarter of an hour */
  requireFew(userId: string): void;
  count(userId: string): void;
  forget(userId: string): void;
}

/** Of the users who tried last: as many as fit. */
export function createWrongTries(nowMs: () => number): WrongTries {
  const wrong = new Map<string, { readonly count: number; readonly untilMs: number }>();

  const current = (userId: string) => {
    const found = wrong.get(userId);
    return found !== undefined && found.untilMs > nowMs() ? found : undefined;
  };

  return {
    requireFew(userId) {
      const found = current(userId);
      if (found === undefined || found.count < maxWrongTries) return;
      throw new GatewayError({
        code: "rate_limited",
        message:
          "The present password was wrong too often. Try again later, or ask an administrator for a new one.",
        retryAfterMs: found.untilMs - nowMs(),
      });
    },
    count(userId) {
      const { count, untilMs } = current(userId) ?? { count: 0, untilMs: nowMs() + tryAgainMs };
      wrong.delete(userId);
      wrong.set(userId, { count: count + 1, untilMs });
      const [oldest] = wrong.keys();
      if (wrong.size > maxRemembered && oldest !== undefined) wrong.delete(oldest);
    },
    forget: (userId) => void wrong.delete(userId),
  };
}
