// One result as an HTTP answer, and what JSON and event streams have in common.

import type { ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import type { ReplyMeta } from "../../core/reply.ts";
import { addLimitHeaders } from "../limit-headers.ts";
import { replyHeaders } from "../reply-headers.ts";
import { ShownError } from "./errors.ts";

export type Headers = Readonly<Record<string, string>>;

/** 200 as soon as there is data; else the status of the first error. */
export function statusOf({ data, errors }: ExecutionResult): number {
  const first = errors?.[0];
  if (first === undefined || (data !== undefined && data !== null)) return 200;
  return first instanceof ShownError ? first.status : 500;
}

/** What is known of the call, what is left of the caller's limits, and when to come again. */
export function headersOf({ errors }: ExecutionResult, replyMeta: ReplyMeta | undefined): Headers {
  const first = errors?.[0];
  const error = first instanceof ShownError ? first : undefined;
  const meta = replyMeta ?? error?.replyMeta;
  const headers = meta === undefined ? {} : replyHeaders(meta);
  headers["cache-control"] = "no-store";
  addLimitHeaders(headers, { limits: meta?.limits ?? error?.limits, retryAfterMs: error?.retryAfterMs });
  return headers;
}

/** As `application/graphql-response+json` where that was asked for (GraphQL over HTTP), else as JSON. */
export function answerJson(
  response: ServerResponse,
  result: ExecutionResult,
  { accept, headers }: { readonly accept?: string | undefined; readonly headers?: Headers } = {},
): void {
  if (response.destroyed) return;
  const type =
    accept?.includes("application/graphql-response+json") === true
      ? "application/graphql-response+json"
      : "application/json";
  const body = Buffer.from(JSON.stringify(result));
  response.writeHead(statusOf(result), {
    ...headers,
    "content-type": `${type}; charset=utf-8`,
    "content-length": body.length,
  });
  response.end(body);
}
