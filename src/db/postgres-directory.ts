// The directory on PostgreSQL. What reads through the entities is loaded when it is first asked for.

import type { MikroORM } from "@mikro-orm/postgresql";
import type { Clock } from "../core/clock.ts";
import type { DirectoryStore } from "../core/directory/directory-store.ts";
import type { AuditKey } from "../core/directory/secrets.ts";
import type { TakeTurn } from "../core/turns.ts";
import type { DatabaseAccess } from "./database-access.ts";
import { createDirectoryCalls } from "./directory/answer-calls.ts";
import type { DirectoryCalls, DirectoryReadings } from "./directory/directory-calls.ts";
import { createStoredDirectory } from "./directory/stored-directory.ts";
import { answerCall, callingBy } from "./thread-calls.ts";

export interface PostgresDirectoryOptions {
  readonly access: DatabaseAccess;
  readonly orm: () => Promise<MikroORM>;
  readonly clock: Clock;
  readonly auditKeys: () => readonly AuditKey[];
  readonly explain: (error: unknown) => Error;
  /** Of those who read at length. */
  readonly takeTurn: TakeTurn;
}

export function createPostgresDirectory(options: PostgresDirectoryOptions): DirectoryStore {
  const { access, orm, clock, auditKeys, explain, takeTurn } = options;
  let loading: Promise<DirectoryReadings> | undefined;

  async function load(): Promise<DirectoryReadings> {
    const [{ em }, { createDirectoryReadings }] = await Promise.all([
      orm(),
      import("./directory/answer-readings.ts"),
    ]);
    return createDirectoryReadings(access, () => em.fork());
  }

  const calls = createDirectoryCalls(access);
  return createStoredDirectory({
    call: callingBy<keyof DirectoryCalls>((call) => answerCall(calls, call)),
    read: callingBy<keyof DirectoryReadings>(async (call) => {
      try {
        const readings = await (loading ??= load());
        return await takeTurn(() => answerCall(readings, call));
      } catch (error) {
        throw explain(error);
      }
    }),
    clock,
    auditKeys,
  });
}
