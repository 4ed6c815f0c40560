// What is configured at run time, on SQLite: the thread that writes answers for it, one question after the other.

import { readConfiguration, readVersion, type RunStatement, writeChange } from "./config-statements.ts";
import type { ConfigQuestion, SqliteAnswer } from "./sqlite-messages.ts";
import type { NativeDatabase } from "./sqlite-native.ts";

export async function answerConfigQuestion(
  question: ConfigQuestion,
  database: NativeDatabase,
): Promise<SqliteAnswer> {
  const run: RunStatement = async (text, values) => {
    const statement = database.prepare(text);
    if (statement.reader) return statement.all(...values);
    statement.run(...values);
    return [];
  };
  switch (question.type) {
    case "config_version":
      return { type: "config_version", version: await readVersion(run) };
    case "read_configuration":
      // Nobody else writes the file.
      return { type: "configuration", configuration: await readConfiguration(run) };
    case "write_configuration":
      return { type: "configuration_written", version: await inTransaction(run, question.change) };
  }
}

async function inTransaction(
  run: RunStatement,
  change: Parameters<typeof writeChange>[1],
): Promise<number | undefined> {
  await run("begin immediate", []);
  try {
    const version = await writeChange(run, change);
    await run("commit", []);
    return version;
  } catch (error) {
    // Some failures, as a full disk, have rolled back already.
    await run("rollback", []).catch(() => undefined);
    throw error;
  }
}
