// The port that reads records: checks what is asked, and shows a caller what was taken a moment ago.

import { GatewayError, invalidRequest } from "../core/errors.ts";
import { epochMsOfId } from "../core/ids.ts";
import type { Records } from "../core/usage/records.ts";
import { isUuid7 } from "./created-at.ts";
import type { RecordQueue } from "./record-queue.ts";
import type { RecordStore } from "./record-store.ts";

const longestPage = 200;

export function createRecords(options: {
  readonly store: RecordStore;
  readonly queue: RecordQueue;
  readonly warn: (message: string) => void;
}): Records {
  const { store, queue, warn } = options;

  async function read<T>(reading: () => Promise<T>): Promise<T> {
    await queue.flush();
    try {
      return await reading();
    } catch (error) {
      warn(`Records could not be read: ${error instanceof Error ? error.message : String(error)}`);
      throw new GatewayError({
        code: "unavailable",
        message: "The records cannot be read at the moment. Try again; calls are served meanwhile.",
        cause: error,
      });
    }
  }

  return {
    async requests({ tenantId }, { first, after, filter }) {
      if (after !== undefined && !isUuid7(after)) {
        throw invalidRequest("after", "must be the id of a record, as the page before gave it");
      }
      const query = {
        tenantId,
        first: Math.min(Math.max(Math.trunc(first) || 1, 1), longestPage),
        after: after === undefined ? undefined : { createdAtMs: epochMsOfId(after), id: after },
        filter,
      };
      return read(() => store.requests(query));
    },
    request: ({ tenantId }, id) => read(() => store.request({ tenantId, id })),
    bodies: ({ tenantId }, id) => read(() => store.bodies({ tenantId, id })),
  };
}
