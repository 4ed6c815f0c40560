// The serving thread's end of the SQLite database: starts its thread, asks it, and notices when it is gone.

import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Clock } from "../core/clock.ts";
import { DatabaseError } from "./database-url.ts";
import { rowOfPrice } from "./price-versions.ts";
import { rowsOfCall } from "./record-rows.ts";
import type { RecordStore } from "./record-store.ts";
import { storableValue } from "./storable-text.ts";
import {
  isFromWorker,
  type SqliteAnswer,
  type SqliteQuestion,
  type SqliteWorkerData,
} from "./sqlite-messages.ts";

export interface SqliteStoreOptions {
  readonly file: string | undefined;
  readonly bodyKeepMaxBytes: number;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

/** A thread that has opened the database. */
interface Link {
  readonly worker: Worker;
  ask(question: SqliteQuestion): Promise<SqliteAnswer>;
}

const closeTimeoutMs = 10_000;

/** @throws DatabaseError */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<RecordStore> {
  const { file, bodyKeepMaxBytes, clock, warn } = options;
  let closing = false;

  const start = (interruptOpen: boolean) => {
    const started = startWorker({ file, bodyKeepMaxBytes, interruptOpen }, (message, wasOpen) => {
      if (link === started) link = undefined;
      if (closing || !wasOpen) return;
      const lost = file === undefined ? " What it held in memory is lost." : "";
      warn(`The database's thread ended: ${message}. The next record starts it again.${lost}`);
    });
    return started;
  };
  let link: Promise<Link> | undefined = start(true);
  await link;

  async function ask<T extends SqliteAnswer["type"]>(
    question: SqliteQuestion,
    type: T,
  ): Promise<Extract<SqliteAnswer, { type: T }>> {
    if (closing) throw new DatabaseError("The database is closed.");
    // Calls that are open now are this process's own: a thread that is started again leaves them.
    link ??= start(false);
    return expectAnswer(await (await link).ask(question), type);
  }

  return {
    async write(calls, prices) {
      const batch = { calls: calls.map(rowsOfCall), prices: prices.map(rowOfPrice) };
      return (await ask({ type: "write", ...batch }, "written")).rejected;
    },
    requests: async (query) => (await ask({ type: "requests", query: storableValue(query) }, "page")).page,
    request: async (key) => (await ask({ type: "request", key: storableValue(key) }, "record")).record,
    bodies: async (key) => (await ask({ type: "bodies", key: storableValue(key) }, "kept")).bodies,
    usage: async (query) => (await ask({ type: "usage", query: storableValue(query) }, "report")).report,
    problems: () => [],
    async cpuMs() {
      if (link === undefined) return 0;
      const { user, system } = await (await link).worker.cpuUsage();
      return (user + system) / 1000;
    },
    async close() {
      if (closing) return;
      closing = true;
      const current = await link?.catch(() => undefined);
      if (current === undefined) return;
      const { worker } = current;
      const exited = new Promise((resolve) => worker.once("exit", resolve));
      const timer = clock.setTimer(closeTimeoutMs, () => void worker.terminate());
      // A thread that fails to close is at its end too.
      await current.ask({ type: "close" }).catch(() => undefined);
      await exited;
      timer.cancel();
    },
  };
}

function expectAnswer<T extends SqliteAnswer["type"]>(
  answer: SqliteAnswer,
  type: T,
): Extract<SqliteAnswer, { type: T }> {
  if (isOfType(answer, type)) return answer;
  throw new DatabaseError(
    answer.type === "failed" ? answer.message : `The database's thread answered ${answer.type}, not ${type}.`,
  );
}

const isOfType = <T extends SqliteAnswer["type"]>(
  answer: SqliteAnswer,
  type: T,
): answer is Extract<SqliteAnswer, { type: T }> => answer.type === type;

interface Waiting {
  resolve(answer: SqliteAnswer): void;
  reject(error: Error): void;
}

/** Resolves when the database is open. `onEnd` hears why the thread ended, and whether it had got so far. */
function startWorker(
  data: SqliteWorkerData,
  onEnd: (message: string, wasOpen: boolean) => void,
): Promise<Link> {
  // The sources run as they are (.ts) and as `npm run build` makes them (.js).
  const file = new URL(`./sqlite-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { workerData: data });
  const waiting = new Map<number, Waiting>();
  let questions = 0;
  let reason: string | undefined;

  const link: Link = {
    worker,
    ask: (content) =>
      new Promise((resolve, reject) => {
        questions += 1;
        // Throws, and so rejects, when a value cannot be sent to another thread.
        worker.postMessage({ number: questions, content }, []);
        waiting.set(questions, { resolve, reject });
      }),
  };

  return new Promise((resolve, reject) => {
    let opened = false;
    worker.on("message", (message: unknown) => {
      if (!isFromWorker(message)) return;
      if (message.type === "opened") {
        opened = true;
        resolve(link);
      } else if (message.type === "not_opened") {
        reason = message.message;
        reject(new DatabaseError(message.message));
      } else {
        const { number, content } = message.answer;
        waiting.get(number)?.resolve(content);
        waiting.delete(number);
      }
    });
    worker.on("error", (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.on("exit", (code) => {
      const message = reason ?? `exit code ${code}`;
      const error = new DatabaseError(`The database's thread ended: ${message}.`);
      reject(error);
      for (const question of waiting.values()) question.reject(error);
      waiting.clear();
      onEnd(message, opened);
    });
  });
}
