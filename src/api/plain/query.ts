// The query of a GET, read strictly: a name with a typing error must not pass for a wish that was fulfilled.

import type { IncomingMessage } from "node:http";
import { invalidRequest } from "../../core/errors.ts";
import { searchOf } from "../http-front-end.ts";
import { hasRealDay } from "../real-day.ts";

/** @throws GatewayError `invalid_request` for a name that is not known, or comes twice */
export function queryOf(request: IncomingMessage, known: readonly string[]): URLSearchParams {
  const query = searchOf(request);
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      throw invalidRequest(name.slice(0, 80), `is not known here; known are ${known.join(", ")}`);
    }
    if (query.getAll(name).length > 1) throw invalidRequest(name, "is there twice");
  }
  return query;
}

/** ISO 8601: a day (its beginning in UTC) or a point in time with its zone. */
const timePattern = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** In epoch milliseconds. @throws GatewayError `invalid_request` */
export function timeIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const epochMs = timePattern.test(text) && hasRealDay(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(epochMs)) return epochMs;
  throw invalidRequest(name, "must be a day or a time with its zone, as 2026-11-01 or 2026-11-01T12:00:00Z");
}
