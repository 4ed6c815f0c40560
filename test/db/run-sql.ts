// Another program that uses the database file, as the locks of SQLite hold between processes: runs one
// statement, prints its rows as JSON, and keeps the file open until its standard input ends.

import { DatabaseSync } from "node:sqlite";

const [file = "", sql = ""] = process.argv.slice(2);
const database = new DatabaseSync(file);
process.stdout.write(`${JSON.stringify(database.prepare(sql).all())}\n`);
process.stdin.on("end", () => database.close()).resume();
