// How the process ends besides by itself: by a signal, or by an error that nobody caught.

type Tell = (message: string, fields: Readonly<Record<string, unknown>>) => void;

export interface Running {
  /** Lets what is open come to its end and closes everything. */
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
  /** Writes the records that wait, and ends calls without mercy. */
  readonly save: () => Promise<void>;
  readonly say: Tell;
  readonly complain: Tell;
}

export interface ProcessEnd {
  /** From now on a signal and a fault find something to close. */
  runs(running: Running): void;
}

/** An error that nobody caught leaves this long for the records. */
const saveTimeoutMs = 2_000;

/** A terminal's interrupt comes twice where npm sends it on to the program that it has started. */
const sameSignalMs = 500;

/**
 * Watches from the first moment: as a container's first process it would not even hear a signal otherwise.
 * Before `runs` a signal ends the process with 0, as nothing was served; after it the first one stops, a
 * second one, which is meant as one, ends at once. An error that nobody caught ends it with 1.
 */
export function watchProcessEnd(): ProcessEnd {
  let running: Running | undefined;
  let stoppingSinceMs: number | undefined;
  let failing = false;

  const onSignal = (signal: NodeJS.Signals): void => {
    const nowMs = performance.now();
    if (stoppingSinceMs !== undefined && nowMs - stoppingSinceMs < sameSignalMs) return;
    if (stoppingSinceMs !== undefined || failing) process.exit(1);
    stoppingSinceMs = nowMs;
    if (running === undefined) {
      process.stderr.write(`Sluice was stopped by ${signal} before it was ready.\n`);
      process.exit(0);
    }
    const { stop, say, complain } = running;
    say("stopping", { signal });
    void stop(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        complain("the stop failed", { error });
        process.exit(1);
      },
    );
  };

  // Rejections that nobody handles come here too, as `origin` then says.
  const onFault = (fault: unknown, origin: string): void => {
    // What fails while the records are saved must not keep them from it; the timer ends that in any case.
    if (failing) return;
    failing = true;
    setTimeout(() => process.exit(1), saveTimeoutMs);
    const shown = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    process.stderr.write(`Sluice ends by an error that nobody caught (${origin}). ${shown}\n`);
    running?.complain("an error that nobody caught ends the process", { error: fault, origin });
    void saveAndEnd(running);
  };

  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("uncaughtException", onFault);
  // Whoever read the output has gone: that is no reason to end.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  return {
    runs(next) {
      running = next;
    },
  };
}

async function saveAndEnd(running: Running | undefined): Promise<void> {
  try {
    await running?.save();
  } finally {
    process.exit(1);
  }
}
