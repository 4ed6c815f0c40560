// A process of its own that opens the database named by its argument, records an open call, says so and
// stays until it is killed. With a user id as second argument it gives up being root first.

import { createDatabase } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import { attemptOf, openedCall, settlementOf } from "./sample-records.ts";

const [url = "", userId] = process.argv.slice(2);
if (userId !== undefined) process.setuid?.(Number(userId));

const say = (line: string) => process.stdout.write(`${line}\n`);
try {
  const database = await createDatabase({
    url,
    bodyKeepMaxBytes: 1000,
    queueMax: 100,
    clock: systemClock,
    warn: say,
  });
  const { ledger } = database;
  const open = openedCall();
  const done = openedCall();
  ledger.open(open);
  ledger.attempt(attemptOf(open));
  ledger.open(done);
  ledger.settle(settlementOf(done, { status: "ok" }));
  await database.flush();
  say(`holds ${open.id} ${done.id}`);
} catch (error) {
  say(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}
