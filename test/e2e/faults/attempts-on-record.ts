// What stands in the ledger of each call, each attempt in one line.

import type { ReadableLedger } from "../../support/test-gateway.ts";

/** `1 primary ill-openai: failed unavailable 503`, in their order; one list for each call, oldest first. */
export function attemptsOnRecord({ opened, attempts }: ReadableLedger): readonly (readonly string[])[] {
  return opened.map(({ id }) =>
    attempts
      .filter(({ callId }) => callId === id)
      .toSorted((a, b) => a.number - b.number)
      .map(({ number, reason, provider, status, failure, skipCause, httpStatus }) =>
        [`${number} ${reason} ${provider}: ${status}`, failure, skipCause, httpStatus]
          .filter((word) => word !== undefined)
          .join(" "),
      ),
  );
}

/** How the calls ended: status and code. */
export const callsOnRecord = ({ settled }: ReadableLedger): readonly string[] =>
  settled.map(({ status, errorCode, attempts }) => [status, errorCode, attempts].filter(Boolean).join(" "));

/** Forgets what was before. */
export function clearRecord({ opened, attempts, settled }: ReadableLedger): void {
  for (const list of [opened, attempts, settled]) list.length = 0;
}
