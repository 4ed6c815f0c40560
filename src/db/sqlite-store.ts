// All that is kept on SQLite: one thread writes, and is started again when it is gone; a file is read in another.

import type { Clock } from "../core/clock.ts";
import type { AuditKey } from "../core/directory/secrets.ts";
import { createStoredDirectory } from "./directory/stored-directory.ts";
import { DatabaseError } from "./database-url.ts";
import { createStoredKeys } from "./idempotency-calls.ts";
import { rowOfPrice } from "./price-versions.ts";
import type { DatabaseStore } from "./database-store.ts";
import { storableValue } from "./storable-text.ts";
import type { ReadQuestion, SqliteQuestion } from "./sqlite-messages.ts";
import { createSqliteReader } from "./sqlite-reader.ts";
import { type AskSqlite, type SqliteThread, startSqliteThread } from "./sqlite-thread.ts";
import { createStoredConfigs } from "./stored-configs.ts";
import { callingBy, type ReadingMethods, type WritingMethods } from "./thread-calls.ts";

export interface SqliteStoreOptions {
  readonly file: string | undefined;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  readonly auditKeys: () => readonly AuditKey[];
}

const closeTimeoutMs = 10_000;

/** @throws DatabaseError */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<DatabaseStore> {
  const { file, clock, warn, auditKeys } = options;
  let closing = false;

  function start(opening: "first" | "again"): Promise<SqliteThread> {
    const started = startSqliteThread({ opening, file }, ({ message, wasOpen }) => {
      if (writer === started) writer = undefined;
      if (closing || !wasOpen) return;
      const lost = file === undefined ? " What it held in memory is lost." : "";
      warn(`The database's thread ended: ${message}. The next record starts it again.${lost}`);
    });
    return started;
  }
  let writer: Promise<SqliteThread> | undefined = start("first");
  await writer;

  const ask: AskSqlite<SqliteQuestion> = async (question, type) => {
    if (closing) throw new DatabaseError("The database is closed.");
    writer ??= start("again");
    return (await writer).ask(question, type);
  };
  // What is in memory belongs to the thread that writes it.
  const reader = file === undefined ? undefined : createSqliteReader({ file, clock });
  const read: AskSqlite<ReadQuestion> = reader?.ask ?? ask;
  const call = callingBy<keyof WritingMethods>(
    async (call) => (await ask({ type: "call", call }, "called")).answer,
  );
  const readBy = callingBy<keyof ReadingMethods>(
    async (call) => (await read({ type: "read", call }, "called")).answer,
  );

  return {
    async write(calls, prices) {
      return (await ask({ type: "write", calls, prices: prices.map(rowOfPrice) }, "written")).rejected;
    },
    requests: async (query) => (await read({ type: "requests", query: storableValue(query) }, "page")).page,
    request: async (key) => (await read({ type: "request", key: storableValue(key) }, "record")).record,
    bodies: async (key) => (await read({ type: "bodies", key: storableValue(key) }, "kept")).bodies,
    usage: async (query) => (await read({ type: "usage", query: storableValue(query) }, "report")).report,
    async usageByKey(query) {
      return (await read({ type: "usage_by_key", query: storableValue(query) }, "key_usage")).keys;
    },
    spend: async (query) => call("spend")(storableValue(query)),
    forget: async (step) => call("forget")(storableValue(step)),
    configs: createStoredConfigs({ call, clock, auditKeys }),
    directory: createStoredDirectory({ call, read: readBy, clock, auditKeys }),
    idempotency: createStoredKeys(call),
    problems: () => [],
    async cpuMs() {
      if (writer === undefined) return 0;
      const { user, system } = await (await writer).worker.cpuUsage();
      return (user + system) / 1000;
    },
    async close() {
      if (closing) return;
      closing = true;
      await reader?.close();
      const current = await writer?.catch(() => undefined);
      if (current === undefined) return;
      const { worker } = current;
      const exited = new Promise((resolve) => worker.once("exit", resolve));
      const timer = clock.setTimer(closeTimeoutMs, () => void worker.terminate());
      // A thread that fails to close is at its end too.
      await current.ask({ type: "close" }, "closed").catch(() => undefined);
      await exited;
      timer.cancel();
    },
  };
}
