// The serving thread's end of a thread that has the SQLite database open: starts it, asks it, and notices when it
// is gone.

import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { DatabaseError } from "./database-url.ts";
import {
  isFromWorker,
  type SqliteAnswer,
  type SqliteQuestion,
  type SqliteWorkerData,
} from "./sqlite-messages.ts";

/** Resolves with the answer, which has to be of that type. @throws DatabaseError */
export type AskSqlite<Q extends SqliteQuestion> = <T extends SqliteAnswer["type"]>(
  question: Q,
  type: T,
) => Promise<Extract<SqliteAnswer, { type: T }>>;

/** A thread that has opened the database. */
export interface SqliteThread {
  readonly worker: Worker;
  readonly ask: AskSqlite<SqliteQuestion>;
  /** Ends it as soon as SQLite gives the thread back; what was asked is rejected then. */
  end(reason: string): void;
}

interface Waiting {
  resolve(answer: SqliteAnswer): void;
  reject(error: Error): void;
}

/** How a thread ended. */
export interface ThreadEnd {
  readonly message: string;
  /** Whether it had opened the database. */
  readonly wasOpen: boolean;
}

/** Resolves when the database is open. */
export function startSqliteThread(
  data: SqliteWorkerData,
  onEnd: (end: ThreadEnd) => void,
): Promise<SqliteThread> {
  // The sources run as they are (.ts) and as `npm run build` makes them (.js).
  const file = new URL(`./sqlite-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { workerData: data });
  const waiting = new Map<number, Waiting>();
  let questions = 0;
  let reason: string | undefined;

  const send = (content: SqliteQuestion): Promise<SqliteAnswer> =>
    new Promise((resolve, reject) => {
      questions += 1;
      // Throws, and so rejects, when a value cannot be sent to another thread.
      worker.postMessage({ number: questions, content }, []);
      waiting.set(questions, { resolve, reject });
    });
  const thread: SqliteThread = {
    worker,
    ask: async (question, type) => expectAnswer(await send(question), type),
    end(why) {
      reason ??= why;
      void worker.terminate();
    },
  };

  return new Promise((resolve, reject) => {
    let wasOpen = false;
    worker.on("message", (message: unknown) => {
      if (!isFromWorker(message)) return;
      if (message.type === "opened") {
        wasOpen = true;
        resolve(thread);
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
      onEnd({ message, wasOpen });
    });
  });
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
