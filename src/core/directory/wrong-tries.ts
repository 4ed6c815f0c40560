// Whoever holds a stolen session must not find out its user's password by trying.

const maxWrongTries = 5;
const tryAgainMs = 15 * 60_000;
const maxRemembered = 10_000;

export type PasswordTry =
  | {
      readonly allowed: true;
      /** What the user tried before is forgotten. */
      wasRight(): void;
      /** It was not found out whether it is right. */
      wasNotChecked(): void;
    }
  /** There were five wrong ones in a quarter of an hour. */
  | { readonly allowed: false; readonly retryAfterMs: number };

export interface WrongTries {
  /** A try counts as wrong until it is said to be something else: tries at the same moment count too. */
  begin(userId: string): PasswordTry;
}

/** Of the users who tried last: as many as fit. */
export function createWrongTries(nowMs: () => number): WrongTries {
  const wrong = new Map<string, { readonly count: number; readonly untilMs: number }>();

  const current = (userId: string) => {
    const found = wrong.get(userId);
    return found !== undefined && found.untilMs > nowMs() ? found : undefined;
  };

  function add(userId: string): void {
    const { count, untilMs } = current(userId) ?? { count: 0, untilMs: nowMs() + tryAgainMs };
    wrong.delete(userId);
    wrong.set(userId, { count: count + 1, untilMs });
    const [oldest] = wrong.keys();
    if (wrong.size > maxRemembered && oldest !== undefined) wrong.delete(oldest);
  }

  function takeBack(userId: string): void {
    const { count, untilMs } = current(userId) ?? { count: 0, untilMs: 0 };
    if (count > 1) wrong.set(userId, { count: count - 1, untilMs });
    else wrong.delete(userId);
  }

  return {
    begin(userId) {
      const found = current(userId);
      if (found !== undefined && found.count >= maxWrongTries) {
        return { allowed: false, retryAfterMs: found.untilMs - nowMs() };
      }
      add(userId);
      return {
        allowed: true,
        wasRight: () => void wrong.delete(userId),
        wasNotChecked: () => takeBack(userId),
      };
    },
  };
}
