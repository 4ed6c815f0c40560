// MikroORM over a pool of connections to PostgreSQL that is there already.

import { MikroORM } from "@mikro-orm/postgresql";
import { PostgresDialect } from "kysely";
import { directoryEntities } from "./entities/directory-entities.ts";
import { recordEntities } from "./entities/record-entities.ts";
import type { NativePool } from "./postgres-native.ts";

export async function createOrm(pool: NativePool): Promise<MikroORM> {
  const orm = new MikroORM({
    dbName: "sluice",
    driverOptions: new PostgresDialect({ pool }),
    entities: [...recordEntities, ...directoryEntities],
    // They stand in the migrations.
    schemaGenerator: { ignoreTriggers: true },
    ensureDatabase: false,
    // What fails is told by who asked, in our own words.
    logger: () => {},
  });
  await orm.connect();
  return orm;
}
