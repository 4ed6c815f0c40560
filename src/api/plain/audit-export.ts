// `GET /audit/export?tenant&from&to&after`: the audit trail as JSON lines, newest first; with `after`, which is the
// sequence of an entry, what follows it, oldest first.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuditEntry } from "../../core/directory/audit.ts";
import { invalidRequest } from "../../core/errors.ts";
import type { Gateway } from "../../core/gateway.ts";
import { readCaller } from "../caller.ts";
import { callerGone, connectionOf } from "../http-front-end.ts";
import { queryOf, timeIn } from "./query.ts";

const pageSize = 200;

/**
 * Reads page by page, the next one when the last one was taken. An export that breaks has no end: its connection does.
 * @throws GatewayError before the first line
 */
export async function answerAuditExport(
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Asked with each page: a key may be revoked while its holder reads.
  const reader = async () => (await readCaller(gateway.access, connectionOf(request))).principal;
  const principal = await reader();
  const query = queryOf(request, ["tenant", "from", "to", "after"]);
  const asked = {
    tenantId: query.get("tenant") ?? undefined,
    fromMs: timeIn(query, "from"),
    toMs: timeIn(query, "to"),
    afterSequence: sequenceIn(query, "after"),
    first: pageSize,
  };
  const gone = callerGone(response);
  let page = await gateway.administration.auditLog(principal, asked);
  response.writeHead(200, { "content-type": "application/jsonl", "cache-control": "no-store" });
  for (;;) {
    if (gone.aborted) return;
    const lines = page.entries.map((entry) => `${JSON.stringify(lineOf(entry))}\n`).join("");
    if (!response.write(lines)) await drained(response);
    const last = page.entries.at(-1);
    if (!page.hasMore || last === undefined) break;
    page = await gateway.administration.auditLog(await reader(), {
      ...asked,
      ...(asked.afterSequence === undefined ? { after: last.id } : { afterSequence: last.sequence }),
    });
  }
  response.end();
}

/** @throws GatewayError `invalid_request` */
function sequenceIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const sequence = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(sequence)) return sequence;
  throw invalidRequest(name, "must be an entry's `sequence`, or 0 for the trail's beginning");
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.once("drain", done).once("close", done);
  });

const lineOf = ({ id, atMs, tenantId, sequence, kind, action, actor, ...entry }: AuditEntry) => ({
  id,
  at: new Date(atMs).toISOString(),
  tenant: tenantId,
  sequence,
  kind,
  action,
  actor,
  target: entry.target ?? null,
  before: entry.before ?? null,
  after: entry.after ?? null,
  origin: entry.origin.address ?? null,
  correlation_id: entry.origin.correlationId ?? null,
  count: entry.count,
  hash: entry.hash,
  key_id: entry.keyId,
  seal_before: entry.sealBefore ?? null,
});
