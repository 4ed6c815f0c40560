// Reads a SQLite file in a thread of its own, beside the one that writes it: no batch waits for a long reading. The
// thread starts with the first question and ends when none has come for a while, as it takes memory.

import type { Clock, Timer } from "../core/clock.ts";
import { DatabaseError } from "./database-url.ts";
import type { ReadQuestion } from "./sqlite-messages.ts";
import { type AskSqlite, type SqliteThread, startSqliteThread } from "./sqlite-thread.ts";

export interface SqliteReader {
  readonly ask: AskSqlite<ReadQuestion>;
  close(): Promise<void>;
}

interface RunningThread {
  readonly opened: Promise<SqliteThread>;
  readonly ended: Promise<void>;
  /** Questions without an answer. */
  asked: number;
  /** It was told to end, which it does when SQLite gives it back. */
  isEnding: boolean;
}

/** From a question to its answer, that of questions before it included. */
const longestReadingMs = 15_000;
const idleMs = 60_000;
const closeTimeoutMs = 1000;

export function createSqliteReader(options: { readonly file: string; readonly clock: Clock }): SqliteReader {
  const { file, clock } = options;
  let running: RunningThread | undefined;
  let idle: Timer | undefined;
  let closed = false;

  function start(): RunningThread {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const opened = startSqliteThread({ file, opening: "to_read" }, () => {
      if (running === started) running = undefined;
      resolve();
    });
    const started: RunningThread = { opened, ended, asked: 0, isEnding: false };
    return started;
  }

  function end(thread: RunningThread, reason: string): void {
    thread.isEnding = true;
    thread.opened.then(
      (opened) => opened.end(reason),
      () => undefined,
    );
  }

  function endWhenIdle(thread: RunningThread): void {
    if (thread.asked > 0 || thread.isEnding) return;
    idle = clock.setTimer(idleMs, () => {
      if (running === thread) running = undefined;
      end(thread, "it was idle");
    });
  }

  return {
    async ask(question, type) {
      if (closed) throw new DatabaseError("The database is closed.");
      running ??= start();
      const thread = running;
      // Never a second one beside it: each may hold a core.
      if (thread.isEnding)
        throw new DatabaseError("The database is busy with a reading that takes too long.");
      idle?.cancel();
      thread.asked += 1;
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = clock.setTimer(longestReadingMs, () => {
        const reason = `a reading took longer than ${longestReadingMs / 1000} s`;
        reject(new DatabaseError(`The database's thread was ended: ${reason}.`));
        end(thread, reason);
      });
      try {
        return await Promise.race([thread.opened.then((opened) => opened.ask(question, type)), late]);
      } finally {
        timer.cancel();
        thread.asked -= 1;
        endWhenIdle(thread);
      }
    },
    async close() {
      closed = true;
      idle?.cancel();
      if (running === undefined) return;
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = clock.setTimer(closeTimeoutMs, resolve);
      end(running, "the database is closed");
      await Promise.race([running.ended, late]);
      timer.cancel();
    },
  };
}
