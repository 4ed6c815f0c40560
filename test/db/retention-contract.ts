// What every database removes of old calls, and what it leaves.

import { expect, it } from "vitest";
import type { Principal } from "../../src/core/access/principal.ts";
import type { Database } from "../../src/db/database.ts";
import { attemptOf, idAt, newId, openedCall, principalOf, settlementOf } from "./sample-records.ts";

const beforeMs = Date.UTC(2026, 2, 1);

export function oldContentIsForgotten(database: () => Database): void {
  /** Ids in their order. */
  function record(tenantId: string, timesMs: readonly number[]): string[] {
    const { ledger } = database();
    return timesMs
      .map((atMs) => {
        const call = openedCall({ id: idAt(atMs), tenantId });
        ledger.open(call);
        ledger.attempt(attemptOf(call));
        ledger.settle(settlementOf(call));
        return call.id;
      })
      .toSorted();
  }

  /** Of these, those that still have a body, labels, and what was said of a failed attempt. */
  async function keptOf(principal: Principal, ids: readonly string[]) {
    const { records } = database();
    const found = await Promise.all(
      ids.map(async (id) => ({
        id,
        body: await records.bodies(principal, id),
        record: await records.request(principal, id),
      })),
    );
    return {
      bodies: found.filter(({ body }) => body !== undefined).map(({ id }) => id),
      labels: found.filter(({ record }) => record?.labels !== undefined).map(({ id }) => id),
      errors: found
        .filter(({ record }) => record?.attemptRecords.some(({ errorMessage }) => errorMessage !== undefined))
        .map(({ id }) => id),
    };
  }

  it("forgets bodies, labels and errors' words of calls before a time, and keeps what they used and cost", async () => {
    const tenantId = `retention-${newId()}`;
    const tenant = principalOf(tenantId);
    const [old = "", edge = "", young = ""] = record(tenantId, [beforeMs - 1, beforeMs, beforeMs + 1]);
    const [foreign = ""] = record(`${tenantId}-2`, [beforeMs - 1]);
    const before = await database().records.request(tenant, old);
    expect(await keptOf(tenant, [old])).toEqual({ bodies: [old], labels: [old], errors: [old] });
    expect(await database().forget({ tenantId, beforeMs, limit: 200 })).toEqual({ calls: 1, hasMore: false });
    expect(await keptOf(tenant, [old, edge, young])).toEqual({
      bodies: [edge, young],
      labels: [edge, young],
      errors: [edge, young],
    });
    expect(await database().records.request(tenant, old)).toEqual({
      ...before,
      labels: undefined,
      attemptRecords: [{ ...before?.attemptRecords[0], errorMessage: undefined }],
    });
    const kept = await keptOf(principalOf(`${tenantId}-2`), [foreign]);
    expect(kept).toEqual({ bodies: [foreign], labels: [foreign], errors: [foreign] });
    expect(await database().forget({ tenantId, beforeMs, limit: 200 })).toEqual({ calls: 0, hasMore: false });
  });

  it("takes no more calls at a time than it may, the oldest first, also of one millisecond", async () => {
    const tenantId = `retention-${newId()}`;
    const tenant = principalOf(tenantId);
    const together = Array.from({ length: 7 }, () => beforeMs - 5);
    const ids = record(tenantId, [beforeMs - 9, ...together, beforeMs - 1]);
    const forgotten: number[] = [];
    for (let hasMore = true; hasMore;) {
      const step = await database().forget({ tenantId, beforeMs, limit: 3 });
      hasMore = step.hasMore;
      forgotten.push(step.calls);
      const left = ids.slice(forgotten.reduce((sum, calls) => sum + calls, 0));
      expect(await keptOf(tenant, ids)).toEqual({ bodies: left, labels: left, errors: left });
    }
    expect(forgotten).toEqual([3, 3, 3, 0]);
  });

  it("takes 1 to 200 calls at a time", async () => {
    const tenantId = `retention-${newId()}`;
    record(
      tenantId,
      Array.from({ length: 203 }, (_, index) => beforeMs - 1000 + index),
    );
    const { forget } = database();
    expect(await forget({ tenantId, beforeMs, limit: 0 })).toEqual({ calls: 1, hasMore: true });
    expect(await forget({ tenantId, beforeMs, limit: 5000 })).toEqual({ calls: 200, hasMore: true });
    expect(await forget({ tenantId, beforeMs, limit: 5000 })).toEqual({ calls: 2, hasMore: false });
  });

  it("goes on where it was when the time moves, and takes steps at the same moment one after the other", async () => {
    const tenantId = `retention-${newId()}`;
    const tenant = principalOf(tenantId);
    const ids = record(
      tenantId,
      Array.from({ length: 12 }, (_, index) => beforeMs + index),
    );
    expect(await database().forget({ tenantId, beforeMs: beforeMs + 2, limit: 5 })).toMatchObject({
      calls: 2,
    });
    const steps = await Promise.all(
      Array.from({ length: 3 }, () => database().forget({ tenantId, beforeMs: beforeMs + 10, limit: 3 })),
    );
    expect(steps.map(({ calls }) => calls).toSorted((a, b) => a - b)).toEqual([2, 3, 3]);
    expect((await keptOf(tenant, ids)).bodies).toEqual(ids.slice(10));
  });
}
