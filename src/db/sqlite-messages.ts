// What the serving thread and the database's threads say to each other. Every question has a number that its
// answer bears; failures travel as texts.

import type { KeyUsage } from "../core/usage/key-usage.ts";
import type { KeptBodies, RequestPage, RequestRecord } from "../core/usage/records.ts";
import type { UsageReport } from "../core/usage/usage-report.ts";
import type { Row } from "./record-columns.ts";
import type { CallRows } from "./record-rows.ts";
import type { KeyUsageQuery, RecordKey, RecordQuery, RejectedCall, UsageQuery } from "./record-store.ts";
import type { MethodCall, MethodValue, ReadingMethods, WritingMethods } from "./thread-calls.ts";

/** What a thread is started with. */
export type SqliteWorkerData =
  | {
      /** `first`: calls that are still open were left so by an earlier process; `again`: they are this one's. */
      readonly opening: "first" | "again";
      /** Undefined: in memory. */
      readonly file: string | undefined;
    }
  | {
      /** Beside the thread that writes the file. */
      readonly opening: "to_read";
      readonly file: string;
    };

export type ReadQuestion =
  | { readonly type: "requests"; readonly query: RecordQuery }
  | { readonly type: "request"; readonly key: RecordKey }
  | { readonly type: "bodies"; readonly key: RecordKey }
  | { readonly type: "usage"; readonly query: UsageQuery }
  | { readonly type: "usage_by_key"; readonly query: KeyUsageQuery }
  /** Of a store's method. */
  | { readonly type: "read"; readonly call: MethodCall<keyof ReadingMethods> };

export type SqliteQuestion =
  | ReadQuestion
  /** Of a store's method; the thread that writes answers it. */
  | { readonly type: "call"; readonly call: MethodCall<keyof WritingMethods> }
  | { readonly type: "write"; readonly calls: readonly CallRows[]; readonly prices: readonly Row[] }
  | { readonly type: "close" };

export type SqliteAnswer =
  | { readonly type: "written"; readonly rejected: readonly RejectedCall[] }
  | { readonly type: "page"; readonly page: RequestPage }
  | { readonly type: "record"; readonly record: RequestRecord | undefined }
  | { readonly type: "kept"; readonly bodies: KeptBodies | undefined }
  | { readonly type: "report"; readonly report: UsageReport | undefined }
  | { readonly type: "key_usage"; readonly keys: readonly KeyUsage[] | undefined }
  | { readonly type: "called"; readonly answer: MethodValue }
  | { readonly type: "closed" }
  | { readonly type: "failed"; readonly message: string };

/** A question or its answer under the question's number. */
export interface Enclosed<T> {
  readonly number: number;
  readonly content: T;
}

export type FromWorker =
  | { readonly type: "opened" }
  | { readonly type: "not_opened"; readonly message: string }
  | { readonly type: "answer"; readonly answer: Enclosed<SqliteAnswer> };

// Both ends are ours and of one version, and a batch is large: only what a message is gets checked, not all
// that it holds.
const isTagged = (value: unknown, types: readonly string[]): value is { readonly type: string } =>
  typeof value === "object" &&
  value !== null &&
  "type" in value &&
  typeof value.type === "string" &&
  types.includes(value.type);

const questionTypes = [
  "write",
  "requests",
  "request",
  "bodies",
  "usage",
  "usage_by_key",
  "call",
  "read",
  "close",
] satisfies SqliteQuestion["type"][];
const fromWorkerTypes = ["opened", "not_opened", "answer"] satisfies FromWorker["type"][];

export const isFromWorker = (value: unknown): value is FromWorker => isTagged(value, fromWorkerTypes);

export const isQuestion = (value: unknown): value is Enclosed<SqliteQuestion> =>
  typeof value === "object" &&
  value !== null &&
  "number" in value &&
  typeof value.number === "number" &&
  "content" in value &&
  isTagged(value.content, questionTypes);

const openings = ["first", "again", "to_read"] satisfies SqliteWorkerData["opening"][];

export const isWorkerData = (value: unknown): value is SqliteWorkerData =>
  typeof value === "object" &&
  value !== null &&
  "opening" in value &&
  openings.some((opening) => opening === value.opening);
