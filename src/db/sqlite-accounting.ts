// What is asked of records beside reading them, on SQLite: the thread that writes answers it, one question after the
// other.

import { forgetCalls } from "./forget-statements.ts";
import { readSpend, sqliteSpend } from "./read-spend.ts";
import type { AccountingQuestion, SqliteAnswer } from "./sqlite-messages.ts";
import type { NativeDatabase } from "./sqlite-native.ts";
import { inSqliteTransaction, runOnSqlite } from "./sqlite-statements.ts";

export async function answerAccountingQuestion(
  question: AccountingQuestion,
  database: NativeDatabase,
): Promise<SqliteAnswer> {
  const run = runOnSqlite(database);
  switch (question.type) {
    case "spend":
      return { type: "spent", part: await readSpend(run, question.query, sqliteSpend) };
    case "forget": {
      const calls = await inSqliteTransaction(run, () => forgetCalls(run, question.step));
      return { type: "forgotten", calls };
    }
  }
}
