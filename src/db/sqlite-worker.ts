// A thread that has the SQLite database open: SQLite blocks whoever asks it, so it is not asked where calls are
// served. One writes; a file has another beside it that reads. Started by `sqlite-thread.ts`.

import { platform, setPriority } from "node:os";
import { basename } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { createAccountingCalls } from "./accounting-calls.ts";
import { createConfigCalls } from "./config-calls.ts";
import { createDirectoryCalls } from "./directory/answer-calls.ts";
import { createIdempotencyCalls } from "./idempotency-calls.ts";
import { createSqliteAccess } from "./sqlite-access.ts";
import {
  type FromWorker,
  isQuestion,
  isWorkerData,
  type SqliteAnswer,
  type SqliteQuestion,
  type SqliteWorkerData,
} from "./sqlite-messages.ts";
import { sqliteSpend } from "./read-spend.ts";
import { sqliteFailure } from "./sqlite-failure.ts";
import type { NativeConnection } from "./sqlite-native.ts";
import { type OpenSqlite, openSqlite, openSqliteToRead } from "./sqlite-open.ts";
import type { AnswerReading } from "./sqlite-reads.ts";
import { createBatchWriter, type WriteBatch } from "./sqlite-write.ts";
import { answerCall, type WritingMethods } from "./thread-calls.ts";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Of the file no more than its name: readiness is told to anybody. */
function failureSaid(file: string | undefined, error: unknown): string {
  const isOfSqlite = error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_");
  return messageOf(isOfSqlite ? sqliteFailure(basename(file ?? ":memory:"), error) : error);
}

interface Serving {
  readonly database: OpenSqlite;
  /** Undefined: another thread writes. */
  readonly write: WriteBatch | undefined;
  readonly read: AnswerReading;
  /** Undefined: another thread writes. */
  readonly methods: WritingMethods | undefined;
}

async function open(data: SqliteWorkerData): Promise<Serving> {
  if (data.opening === "to_read") {
    const database = openSqliteToRead(data.file);
    return { database, write: undefined, read: readingLater(database.native), methods: undefined };
  }
  const database = await openSqlite(data.file, data.opening === "first");
  const writeBatch = createBatchWriter(database.native);
  const write: WriteBatch = (calls, prices) => {
    const rejected = writeBatch(calls, prices);
    // Afterwards, so that no batch counts as written that went where nobody finds it.
    database.assertInPlace();
    return rejected;
  };
  const access = createSqliteAccess(database.native, () => database.assertInPlace());
  const methods = {
    ...createConfigCalls(access),
    ...createDirectoryCalls(access),
    ...createAccountingCalls(access, sqliteSpend),
    ...createIdempotencyCalls(access),
  };
  return { database, write, read: readingLater(database.native), methods };
}

async function answerTo(question: SqliteQuestion, serving: Serving): Promise<SqliteAnswer> {
  const { database, write, read, methods } = serving;
  switch (question.type) {
    case "write":
      if (write === undefined) throw new Error("This thread only reads.");
      return { type: "written", rejected: write(question.calls, question.prices) };
    case "close":
      database.close();
      return { type: "closed" };
    case "call":
      if (methods === undefined) throw new Error("This thread only reads.");
      return { type: "called", answer: await answerCall(methods, question.call) };
    case "requests":
    case "request":
    case "bodies":
    case "usage":
    case "usage_by_key":
    case "read":
      return read(question);
  }
}

function readingLater(native: NativeConnection): AnswerReading {
  let loading: Promise<AnswerReading> | undefined;
  return async (question) => {
    loading ??= import("./sqlite-reads.ts").then(({ createReads }) => createReads(native));
    return (await loading)(question);
  };
}

async function serve(): Promise<void> {
  const port = parentPort;
  const data: unknown = workerData;
  if (port === null || !isWorkerData(data)) {
    throw new Error("This file is the database's thread; createDatabase starts it.");
  }
  const say = (message: FromWorker) => port.postMessage(message);

  let serving: Serving;
  try {
    serving = await open(data);
  } catch (error) {
    say({ type: "not_opened", message: messageOf(error) });
    return;
  }

  // One after the other: a reading sees every batch that was sent before it.
  let last = Promise.resolve();
  const handle = async (value: unknown) => {
    if (!isQuestion(value)) throw new Error("The database's thread was sent something that is no question.");
    const { number, content } = value;
    let answer: SqliteAnswer;
    try {
      answer = await answerTo(content, serving);
    } catch (error) {
      answer = { type: "failed", message: failureSaid(data.file, error) };
    }
    say({ type: "answer", answer: { number, content: answer } });
    if (content.type === "close") port.close();
  };
  port.on("message", (value: unknown) => {
    last = last.then(() => handle(value));
  });
  say({ type: "opened" });
}

// Records yield to answers. On Linux a priority is a thread's own; elsewhere it would be the whole process's.
const recordsNiceness = 5;
if (platform() === "linux") setPriority(recordsNiceness);

await serve();
