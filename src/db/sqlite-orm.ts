// MikroORM over a connection to SQLite that is open already.

import { MikroORM } from "@mikro-orm/sqlite";
import { SqliteDialect } from "kysely";
import { directoryEntities } from "./entities/directory-entities.ts";
import { recordEntities } from "./entities/record-entities.ts";
import type { NativeConnection } from "./sqlite-native.ts";

export async function createOrm(native: NativeConnection): Promise<MikroORM> {
  const orm = new MikroORM({
    dbName: "sluice",
    driverOptions: new SqliteDialect({ database: native }),
    entities: [...recordEntities, ...directoryEntities],
    // They stand in the migrations.
    schemaGenerator: { ignoreTriggers: true },
  });
  await orm.connect();
  return orm;
}
