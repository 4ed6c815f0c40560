// What the gateway has on record of a call and its key, by its GraphQL.

import { memberOf, parsedJson, textOf } from "../json-member.ts";
import { createPosting, wholeText } from "../post-json.ts";
import type { KeptRecord, Spent } from "./evidence.ts";
import { headersOf } from "./face.ts";
import { graphqlFault } from "./graphql-fault.ts";

/** Says what to do. */
class RecordsError extends Error {
  override readonly name = "RecordsError";
}

export interface RecordsOptions {
  readonly url: URL;
  readonly apiKey: string | undefined;
  /** Between two looks at a record that is not written yet. */
  readonly wait: (delayMs: number) => Promise<void>;
}

export interface KeptRecords {
  /** @throws RecordsError when they may not be read */
  spent(): Promise<Spent>;
  /** All with the key, once the call's own is closed. @throws RecordsError also when it does not come to that */
  withKey(idempotencyKey: string, callId: string): Promise<readonly KeptRecord[]>;
  close(): void;
}

const timeoutMs = 30_000;
const lookMs = 50;
const looks = 200;
const pageSize = 100;
/** A key's records are among so many pages of calls that came meanwhile. */
const maxPages = 50;
/** Gateways whose clocks differ. */
const earlierMs = 10_000;

const oneQuery = "query ($id: ID!) { request(id: $id) { status createdAt } }";
const pageQuery = `query ($from: DateTime!, $after: String) {
  requests(first: ${pageSize}, after: $after, filter: { from: $from }) {
    endCursor hasMore nodes { id idempotencyKey costNanos attempts { status } }
  }
}`;
const usageQuery = `query {
  usage(from: "1970-01-01T00:00:00Z", to: "9999-01-01T00:00:00Z") { totals { calls costNanos } }
}`;

export function createKeptRecords({ url, apiKey, wait }: RecordsOptions): KeptRecords {
  const posting = createPosting(new URL("/graphql", url), {
    "content-type": "application/json",
    accept: "application/json",
    ...headersOf(apiKey),
  });

  async function query(document: string, variables: object = {}): Promise<unknown> {
    const body = JSON.stringify({ query: document, variables });
    const answer = await posting.post(body, AbortSignal.timeout(timeoutMs));
    const result = parsedJson(await wholeText(answer));
    const fault = graphqlFault(result);
    if (fault !== undefined) throw new RecordsError(wordedFor(fault));
    const data = memberOf(result, "data");
    if (data === undefined)
      throw new RecordsError(`HTTP ${answer.statusCode ?? 0} came from ${url.host}/graphql.`);
    return data;
  }

  async function createdAtOf(callId: string): Promise<number> {
    for (let look = 0; look < looks; look += 1) {
      const request = memberOf(await query(oneQuery, { id: callId }), "request");
      const status = textOf(memberOf(request, "status"));
      if (status !== undefined && status !== "OPEN")
        return Date.parse(textOf(memberOf(request, "createdAt")) ?? "");
      await wait(lookMs);
    }
    throw new RecordsError(
      `Call ${callId} has no closed record after ${(looks * lookMs) / 1_000} s. /ready tells whether records can be written.`,
    );
  }

  return {
    async spent() {
      const totals = memberOf(await query(usageQuery), "usage", "totals");
      return {
        calls: Number(memberOf(totals, "calls")),
        costNanos: BigInt(textOf(memberOf(totals, "costNanos")) ?? "0"),
      };
    },
    async withKey(idempotencyKey, callId) {
      const from = new Date((await createdAtOf(callId)) - earlierMs).toISOString();
      const found: KeptRecord[] = [];
      let after: string | undefined;
      for (let page = 0; page < maxPages; page += 1) {
        const requests = memberOf(await query(pageQuery, { from, after }), "requests");
        const nodes = memberOf(requests, "nodes");
        for (const node of Array.isArray(nodes) ? nodes : []) {
          if (memberOf(node, "idempotencyKey") === idempotencyKey) found.push(recordOf(node));
        }
        if (memberOf(requests, "hasMore") !== true) return found;
        after = textOf(memberOf(requests, "endCursor"));
      }
      throw new RecordsError(
        `More than ${pageSize * maxPages} calls came meanwhile. Run the check when the gateway is less busy.`,
      );
    },
    close: () => posting.close(),
  };
}

function recordOf(node: unknown): KeptRecord {
  const attempts = memberOf(node, "attempts");
  const cost = textOf(memberOf(node, "costNanos"));
  return {
    callId: textOf(memberOf(node, "id")) ?? "",
    upstreamCalls: Array.isArray(attempts)
      ? attempts.filter((attempt) => memberOf(attempt, "status") !== "SKIPPED").length
      : 0,
    costNanos: cost === undefined ? null : BigInt(cost),
  };
}

function wordedFor({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === "permission_denied") {
    return (
      `The key in SLUICE_API_KEY may not read records (${message}). ` +
      "Give one that has gateway:use, requests:view and usage:view, as a developer's."
    );
  }
  if (code === "unauthenticated") {
    return `The gateway asks for a key, to read its records too (${message}). Set SLUICE_API_KEY.`;
  }
  return `Records cannot be read: ${code}: ${message}`;
}
