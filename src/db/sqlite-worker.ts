// The thread that the SQLite database lives in: SQLite blocks whoever asks it, so it is not asked where calls
// are served. Started by `sqlite-store.ts`.

import { platform, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import {
  type FromWorker,
  isQuestion,
  isWorkerData,
  type SqliteAnswer,
  type SqliteQuestion,
} from "./sqlite-messages.ts";
import type { NativeConnection } from "./sqlite-native.ts";
import { type OpenSqlite, openSqlite } from "./sqlite-open.ts";
import type { AnswerReading } from "./sqlite-reads.ts";
import { createBatchWriter, type WriteBatch } from "./sqlite-write.ts";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface Serving {
  readonly database: OpenSqlite;
  readonly write: WriteBatch;
  readonly read: AnswerReading;
}

async function answerTo(question: SqliteQuestion, { database, write, read }: Serving): Promise<SqliteAnswer> {
  switch (question.type) {
    case "write":
      return { type: "written", rejected: write(question.calls, question.prices) };
    case "close":
      database.close();
      return { type: "closed" };
    case "requests":
    case "request":
    case "bodies":
    case "usage":
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
    const database = await openSqlite(data.file, data.interruptOpen);
    const { native } = database;
    const write = createBatchWriter(native, data.bodyKeepMaxBytes);
    serving = { database, write, read: readingLater(native) };
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
      answer = { type: "failed", message: messageOf(error) };
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
