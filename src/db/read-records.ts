// Reads records through the entities, on whichever database they stand.

import type { EntityManager, FilterQuery } from "@mikro-orm/core";
import { epochMsOfId, isUuid7 } from "../core/ids.ts";
import type { Price } from "../core/pricing/price.ts";
import type { AttemptRecord } from "../core/usage/ledger.ts";
import type { KeptBodies, RequestFilter, RequestPage, RequestRecord } from "../core/usage/records.ts";
import { firstIdOf } from "./first-id.ts";
import { PriceVersionEntity } from "./entities/price-version-entity.ts";
import { ProviderAttemptEntity } from "./entities/provider-attempt-entity.ts";
import { RequestBodyEntity } from "./entities/request-body-entity.ts";
import { RequestEntity, type RequestRow } from "./entities/request-entity.ts";
import { priceOfRow } from "./price-versions.ts";
import { attemptOf, recordOf } from "./record-of-row.ts";
import type { RecordKey, RecordQuery } from "./record-store.ts";

/**
 * @param standsById whether the table of requests stands in the order of its ids, as on SQLite, and not of
 * `created_at`: with a tenant an index serves, without one the table's own order has to
 */
export async function readRequests(
  em: EntityManager,
  query: RecordQuery,
  { standsById } = { standsById: false },
): Promise<RequestPage> {
  const byId = standsById && query.tenantId === undefined;
  const rows = await em.find(RequestEntity, byId ? conditionById(query) : conditionOf(query), {
    orderBy: byId ? { id: "desc" } : { createdAt: "desc", id: "desc" },
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
  if (!isUuid7(id)) return undefined;
  // PostgreSQL's key of the table begins with the time.
  const condition = { createdAt: epochMsOfId(id), id, ...ofTenant(tenantId) };
  const row = await em.findOne(RequestEntity, condition, { disableIdentityMap: true });
  if (row === null) return undefined;
  const attempts = await readAttempts(em, tenantId, [id]);
  return recordOf(row, attempts.get(id) ?? []);
}

export async function readBodies(em: EntityManager, key: RecordKey): Promise<KeptBodies | undefined> {
  const { id, tenantId } = key;
  if (!isUuid7(id)) return undefined;
  const condition = { requestId: id, ...ofTenant(tenantId) };
  const row = await em.findOne(RequestBodyEntity, condition, { disableIdentityMap: true });
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
  tenantId: string | undefined,
  requestIds: readonly string[],
): Promise<Map<string, AttemptRecord[]>> {
  const rows = await em.find(
    ProviderAttemptEntity,
    { requestId: { $in: [...requestIds] }, ...ofTenant(tenantId) },
    { orderBy: { number: "asc", id: "asc" }, disableIdentityMap: true },
  );
  const prices = await readPrices(
    em,
    rows.map((row) => row.priceVersion),
  );
  const records = rows.map((row) => attemptOf(row, prices.get(row.priceVersion ?? "")));
  return Map.groupBy(records, (attempt) => attempt.callId);
}

/** By their versions; those that no longer stand, or were never written, are missing. */
async function readPrices(
  em: EntityManager,
  versions: readonly (string | null | undefined)[],
): Promise<Map<string, Price | undefined>> {
  const used = new Set(versions.filter((version) => typeof version === "string"));
  if (used.size === 0) return new Map();
  const rows = await em.find(
    PriceVersionEntity,
    { version: { $in: [...used] } },
    { disableIdentityMap: true },
  );
  return new Map(rows.map((row) => [row.version, priceOfRow(row)]));
}

const ofTenant = (tenantId: string | undefined) => (tenantId === undefined ? {} : { tenantId });

/** Ids are UUIDv7, of which the order is that of time. */
function conditionById({ after, filter }: RecordQuery): FilterQuery<RequestRow> {
  const { fromMs, toMs, ...others } = filter;
  return {
    $and: [
      ...filterConditions(others),
      ...(after === undefined ? [] : [{ id: { $lt: after.id } }]),
      ...(fromMs === undefined ? [] : [{ id: { $gte: firstIdOf(fromMs) } }]),
      ...(toMs === undefined ? [] : [{ id: { $lt: firstIdOf(toMs) } }]),
    ],
  };
}

function conditionOf({ tenantId, after, filter }: RecordQuery): FilterQuery<RequestRow> {
  const conditions: FilterQuery<RequestRow>[] = [ofTenant(tenantId), ...filterConditions(filter)];
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
  const { status, provider, model, route, useCase, environment, apiKeyId, userId, fromMs, toMs } = filter;
  return [
    ...(status === undefined ? [] : [{ status }]),
    ...(provider === undefined ? [] : [{ provider }]),
    ...(model === undefined ? [] : [{ model }]),
    ...(route === undefined ? [] : [{ route }]),
    ...(useCase === undefined ? [] : [{ useCase }]),
    ...(environment === undefined ? [] : [{ environment }]),
    ...(apiKeyId === undefined ? [] : [{ apiKeyId }]),
    ...(userId === undefined ? [] : [{ userId }]),
    ...(fromMs === undefined ? [] : [{ createdAt: { $gte: fromMs } }]),
    ...(toMs === undefined ? [] : [{ createdAt: { $lt: toMs } }]),
  ];
}
