// What is used of the driver itself (pg), beneath MikroORM. The driver brings no types of its own.

import type { Socket } from "node:net";
import type { PostgresPool } from "kysely";

export interface NativePoolOptions {
  readonly connectionString: string;
  readonly fallback_application_name: string;
  readonly max: number;
  /** Connections that stay open when they are idle. */
  readonly min: number;
  readonly idleTimeoutMillis: number;
  readonly connectionTimeoutMillis: number;
  readonly statement_timeout: number;
  readonly idle_in_transaction_session_timeout: number;
  readonly keepAlive: boolean;
  readonly keepAliveInitialDelayMillis: number;
}

export interface NativeQuery {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Prepared once a connection, under this name. */
  readonly name?: string;
  /** Milliseconds after which it rejects, whatever the server does; the connection is then of no more use. */
  readonly query_timeout?: number;
}

export interface NativeClient {
  query(query: NativeQuery): Promise<{ readonly rows: readonly unknown[] }>;
  /** Gives the connection back to the pool, or ends it. */
  release(end: boolean): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  readonly connection: { readonly stream: Socket };
  /** False while an answer is waited for. */
  readonly readyForQuery: boolean;
}

/** Also what MikroORM is given; see `postgres-orm.ts`. */
export interface NativePool extends Omit<PostgresPool, "connect"> {
  connect(): Promise<NativeClient & Awaited<ReturnType<PostgresPool["connect"]>>>;
  on(event: "connect", listener: (client: NativeClient) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}
