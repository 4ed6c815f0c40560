// What calls tell: how many there are, how they ended, how long their callers waited.

import type { ErrorCode } from "../errors.ts";
import type { OperationName } from "../operation-name.ts";
import type { Settlement } from "../usage/ledger.ts";
import { callSeconds } from "./call-seconds.ts";
import { Histogram } from "./histogram.ts";
import { gauge, type MetricFamily } from "./metric-family.ts";
import { Series } from "./series.ts";

export interface CallMetrics {
  /** A record of a call was begun. */
  opened(): void;
  /** That record was ended. */
  closed(): void;
  settled(settlement: Settlement, operation: OperationName): void;
  /** No record was made of what came. */
  unrecorded(errorCode: ErrorCode): void;
  families(): readonly MetricFamily[];
}

export function createCallMetrics(): CallMetrics {
  let open = 0;
  const requests = new Series(["operation", "status", "error_code"], () => ({ count: 0 }));
  const durations = new Series(["operation"], () => new Histogram(callSeconds));
  const firstTokens = new Series(["operation"], () => new Histogram(callSeconds));
  const unrecorded = new Series(["error_code"], () => ({ count: 0 }));
  return {
    opened() {
      open += 1;
    },
    closed() {
      open -= 1;
    },
    settled({ status, errorCode, latencyMs, timeToFirstTokenMs }, operation) {
      requests.at(operation, status, errorCode).count += 1;
      durations.at(operation).observe(latencyMs / 1000);
      if (timeToFirstTokenMs !== undefined) firstTokens.at(operation).observe(timeToFirstTokenMs / 1000);
    },
    unrecorded(errorCode) {
      unrecorded.at(errorCode).count += 1;
    },
    families: () => [
      {
        name: "sluice_requests_total",
        help: "Calls that have ended, by how; those that were answered have the code of the error that the answer stood in for, if any.",
        type: "counter",
        samples: requests.map((labels, { count }) => ({ labels, value: count })),
      },
      {
        name: "sluice_request_duration_seconds",
        help: "From a call's arrival to its end, the whole stream included.",
        type: "histogram",
        samples: durations.map((labels, histogram) => histogram.sample(labels)),
      },
      {
        name: "sluice_time_to_first_token_seconds",
        help: "From a call's arrival to the first content of its answer, where that was streamed.",
        type: "histogram",
        samples: firstTokens.map((labels, histogram) => histogram.sample(labels)),
      },
      gauge("sluice_open_calls", "Calls that are being handled.", open),
      {
        name: "sluice_requests_unrecorded_total",
        help: "What was refused before it was recorded: for its credential, its content, its caller's limits, too much load, or a stop.",
        type: "counter",
        samples: unrecorded.map((labels, { count }) => ({ labels, value: count })),
      },
    ],
  };
}
