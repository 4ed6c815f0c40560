// Reads records through the entities, on whichever database they stand.

import type { EntityManager, FilterQuery } from "@mikro-orm/core";
import type { AttemptRecord } from "../core/usage/ledger.ts";
import type { KeptBodies, RequestFilter, RequestPage, RequestRecord } from "../core/usage/records.ts";
import { ProviderAttemptEntity } from "./entities/provider-attempt-entity.ts";
import { RequestBodyEntity } from "./entities/request-body-entity.ts";
import { RequestEntity, type RequestRow } from "./entities/request-entity.ts";
import { attemptOf, recordOf } from "./record-of-row.ts";
import type { RecordKey, RecordQuery } from "./record-store.ts";

export async function readRequests(em: EntityManager, query: RecordQuery): Promise<RequestPage> {
  const rows = await em.find(RequestEntity, conditionOf(query), {
    orderBy: { createdAt: "desc", id: "desc" },
    // One more than asked for tells whether there are more.
    limit: query.first + 1,
    disableIdentityMap: true,
  });
  const page = rows.slice(0, query.first);
  const attempts = await readAttempts(
    em,
    query.tenantId,
    page.map((row) => row.id),
  );
  return {
    records: page.map((row) => recordOf(row, attempts.get(row.id) ?? [])),
    hasMore: rows.length > page.length,
  };
}

export async function readRequest(em: EntityManager, key: RecordKey): Promise<RequestRecord | undefined> {
  const { id, tenantId } = key;
  const row = await em.findOne(RequestEntity, { id, tenantId }, { disableIdentityMap: true });
  if (row === null) return undefined;
  const attempts = await readAttempts(em, tenantId, [id]);
  return recordOf(row, attempts.get(id) ?? []);
}

export async function readBodies(em: EntityManager, key: RecordKey): Promise<KeptBodies | undefined> {
  const { id, tenantId } = key;
  const row = await em.findOne(RequestBodyEntity, { requestId: id, tenantId }, { disableIdentityMap: true });
  if (row === null) return undefined;
  return {
    request: row.request ?? undefined,
    requestCut: row.requestCut,
    reply: row.reply ?? undefined,
    replyCut: row.replyCut,
  };
}

async function readAttempts(
  em: EntityManager,
  tenantId: string,
  requestIds: readonly string[],
): Promise<Map<string, AttemptRecord[]>> {
  const rows = await em.find(
    ProviderAttemptEntity,
    { requestId: { $in: [...requestIds] }, tenantId },
    { orderBy: { number: "asc", id: "asc" }, disableIdentityMap: true },
  );
  return Map.groupBy(rows.map(attemptOf), (attempt) => attempt.callId);
}

function conditionOf({ tenantId, after, filter }: RecordQuery): FilterQuery<RequestRow> {
  const conditions: FilterQuery<RequestRow>[] = [{ tenantId }, ...filterConditions(filter)];
  if (after !== undefined) {
    const { createdAtMs: createdAt, id } = after;
    // The first of the two follows from the second; it bounds the part of the index that is walked.
    conditions.push(
      { createdAt: { $lte: createdAt } },
      { $or: [{ createdAt: { $lt: createdAt } }, { id: { $lt: id } }] },
    );
  }
  return { $and: conditions };
}

function filterConditions(filter: RequestFilter): FilterQuery<RequestRow>[] {
  const { status, provider, model, route, useCase, fromMs, toMs } = filter;
  return [
    ...(status === undefined ? [] : [{ status }]),
    ...(provider === undefined ? [] : [{ provider }]),
    ...(model === undefined ? [] : [{ model }]),
    ...(route === undefined ? [] : [{ route }]),
    ...(useCase === undefined ? [] : [{ useCase }]),
    ...(fromMs === undefined ? [] : [{ createdAt: { $gte: fromMs } }]),
    ...(toMs === undefined ? [] : [{ createdAt: { $lt: toMs } }]),
  ];
}
