// The port that reads records: checks what is asked, and shows a caller what was taken a moment ago.

import type { Principal } from "../core/access/principal.ts";
import { readableTenant } from "../core/access/tenant.ts";
import { GatewayError, invalidRequest } from "../core/errors.ts";
import { epochMsOfId, isUuid7 } from "../core/ids.ts";
import { checkUsageQuestion, tooManyGroups } from "../core/usage/check-usage-question.ts";
import { checkKeyUsageQuestion, tooManyKeys } from "../core/usage/key-usage.ts";
import type { Records } from "../core/usage/records.ts";
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
        message:
          "The records cannot be read at the moment, or it took too long. Try again, or ask for less at once; calls " +
          "are served meanwhile.",
        cause: error,
      });
    }
  }

  return {
    async requests(principal, { first, after, filter }) {
      if (after !== undefined && !isUuid7(after)) {
        throw invalidRequest("after", "must be the id of a record, as the page before gave it");
      }
      const { tenant, ...others } = filter;
      const tenants = tenantsRead(principal, tenant === undefined ? undefined : [tenant]);
      if (tenants?.length === 0) return { records: [], hasMore: false };
      const query = {
        tenantId: tenants?.[0],
        first: Math.min(Math.max(Math.trunc(first) || 1, 1), longestPage),
        after: after === undefined ? undefined : { createdAtMs: epochMsOfId(after), id: after },
        filter: others,
      };
      return read(() => store.requests(query));
    },
    request: (principal, id) => read(() => store.request({ tenantId: readableTenant(principal), id })),
    bodies: (principal, id) => read(() => store.bodies({ tenantId: readableTenant(principal), id })),
    async usage(principal, question) {
      const { edgesMs, groupBy } = checkUsageQuestion(question);
      const { tenants, ...filter } = question.filter;
      const tenantIds = tenantsRead(principal, tenants);
      const report = await read(() => store.usage({ tenantIds, edgesMs, groupBy, filter }));
      if (report === undefined) throw tooManyGroups();
      return report;
    },
    async usageByKey(principal, question) {
      checkKeyUsageQuestion(question);
      const tenantIds = tenantsRead(principal, undefined);
      const keys = await read(() => store.usageByKey({ ...question, tenantIds }));
      if (keys === undefined) throw tooManyKeys();
      return { fromMs: question.fromMs, toMs: question.toMs, keys };
    },
  };
}

/** Those asked for that the principal may read; undefined: every tenant's. */
function tenantsRead(
  principal: Principal,
  asked: readonly string[] | undefined,
): readonly string[] | undefined {
  const readable = readableTenant(principal);
  if (readable === undefined) return asked;
  return asked === undefined || asked.includes(readable) ? [readable] : [];
}
