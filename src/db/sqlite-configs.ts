// What is configured at run time, on SQLite: the thread that writes answers for it, one question after the other.

import { readConfiguration, readVersion, writeChange } from "./config-statements.ts";
import type { ConfigQuestion, SqliteAnswer } from "./sqlite-messages.ts";
import type { NativeDatabase } from "./sqlite-native.ts";
import { inSqliteTransaction, runOnSqlite } from "./sqlite-statements.ts";

export async function answerConfigQuestion(
  question: ConfigQuestion,
  database: NativeDatabase,
): Promise<SqliteAnswer> {
  const run = runOnSqlite(database);
  switch (question.type) {
    case "config_version":
      return { type: "config_version", version: await readVersion(run) };
    case "read_configuration":
      // Nobody else writes the file.
      return { type: "configuration", configuration: await readConfiguration(run) };
    case "write_configuration": {
      const version = await inSqliteTransaction(run, () => writeChange(run, question.change));
      return { type: "configuration_written", version };
    }
  }
}
