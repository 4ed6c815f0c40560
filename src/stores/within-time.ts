import type { Clock, Timer } from "../core/clock.ts";

/** The answer. Rejects when it has not come by then; what comes later is nobody's. */
export function withinTime<T>(
  answer: Promise<T>,
  { clock, patienceMs }: { readonly clock: Clock; readonly patienceMs: number },
): Promise<T> {
  let timer: Timer | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = clock.setTimer(patienceMs, () =>
      reject(new Error(`There was no answer after ${patienceMs} ms.`)),
    );
  });
  return Promise.race([answer, late]).finally(() => timer?.cancel());
}
