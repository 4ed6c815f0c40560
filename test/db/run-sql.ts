// Another program that uses the database file, as the locks of SQLite hold between processes: runs statements,
// prints the rows of the last one as JSON, or why one failed, and keeps the file open until its standard input ends.

import { DatabaseSync } from "node:sqlite";

const [file = "", ...statements] = process.argv.slice(2);
const database = new DatabaseSync(file);
let said: unknown = [];
try {
  for (const sql of statements) said = database.prepare(sql).all();
} catch (error) {
  said = String(error);
}
process.stdout.write(`${JSON.stringify(said)}\n`);
process.stdin.on("end", () => database.close()).resume();
