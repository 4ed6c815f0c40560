// The thread that the SQLite database lives in: SQLite blocks whoever asks it, so it is not asked where calls
// are served. Started by `sqlite-store.ts`.

import { platform, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { readBodies, readRequest, readRequests } from "./read-records.ts";
import {
  type FromWorker,
  isQuestion,
  isWorkerData,
  type SqliteAnswer,
  type SqliteQuestion,
} from "./sqlite-messages.ts";
import { type OpenSqlite, openSqlite } from "./sqlite-open.ts";
import { createBatchWriter, type WriteBatch } from "./sqlite-write.ts";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function answerTo(
  question: SqliteQuestion,
  database: OpenSqlite,
  write: WriteBatch,
): Promise<SqliteAnswer> {
  switch (question.type) {
    case "write":
      return { type: "written", rejected: write(question.calls) };
    case "requests":
      return { type: "page", page: await readRequests(database.orm.em.fork(), question.query) };
    case "request":
      return { type: "record", record: await readRequest(database.orm.em.fork(), question.key) };
    case "bodies":
      return { type: "kept", bodies: await readBodies(database.orm.em.fork(), question.key) };
    case "close":
      await database.close();
      return { type: "closed" };
  }
}

async function serve(): Promise<void> {
  const port = parentPort;
  const data: unknown = workerData;
  if (port === null || !isWorkerData(data)) {
    throw new Error("This file is the database's thread; createDatabase starts it.");
  }
  const say = (message: FromWorker) => port.postMessage(message);

  let database: OpenSqlite;
  let write: WriteBatch;
  try {
    database = await openSqlite(data.file, data.interruptOpen);
    write = createBatchWriter(database.native, data.bodyKeepMaxBytes);
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
      answer = await answerTo(content, database, write);
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
