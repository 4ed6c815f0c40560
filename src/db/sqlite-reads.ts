// The questions that read, answered by MikroORM over a connection that is open already. A thread loads this
// file with the first of them: writing needs none of it, and it takes 40 MB and a fifth of a second.

import { createDirectoryReadings } from "./directory/answer-readings.ts";
import { readKeyUsage } from "./read-key-usage.ts";
import { readBodies, readRequest, readRequests } from "./read-records.ts";
import { addUsageFunctions, sqliteUsage } from "./read-usage-sqlite.ts";
import { readUsage } from "./read-usage.ts";
import { createSqliteAccess } from "./sqlite-access.ts";
import type { ReadQuestion, SqliteAnswer } from "./sqlite-messages.ts";
import type { NativeConnection } from "./sqlite-native.ts";
import { createOrm } from "./sqlite-orm.ts";
import { answerCall } from "./thread-calls.ts";

export type AnswerReading = (question: ReadQuestion) => Promise<SqliteAnswer>;

export async function createReads(native: NativeConnection): Promise<AnswerReading> {
  const orm = await createOrm(native);
  addUsageFunctions(native);
  // Nothing is written here.
  const access = createSqliteAccess(native, () => undefined);
  const methods = createDirectoryReadings(access, () => orm.em.fork());
  return async (question) => {
    const em = orm.em.fork();
    switch (question.type) {
      case "requests":
        return { type: "page", page: await readRequests(em, question.query, { standsById: true }) };
      case "request":
        return { type: "record", record: await readRequest(em, question.key) };
      case "bodies":
        return { type: "kept", bodies: await readBodies(em, question.key) };
      case "usage":
        return { type: "report", report: await readUsage(em, question.query, sqliteUsage) };
      case "usage_by_key":
        return { type: "key_usage", keys: await readKeyUsage(em, question.query, sqliteUsage) };
      case "read":
        return { type: "called", answer: await answerCall(methods, question.call) };
    }
  };
}
