import { MikroORM } from "@mikro-orm/postgresql";
import { expect, it } from "vitest";
import { createDatabase } from "../../src/db/database.ts";
import { directoryEntities } from "../../src/db/entities/directory-entities.ts";
import { recordEntities } from "../../src/db/entities/record-entities.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase } from "../support/postgres.ts";

it("the migrations make what the entities say, and a key that begins with the time", async () => {
  const url = await createTestDatabase();
  const options = { bodyKeepMaxBytes: 1000, queueMax: 1000, clock: systemClock, warn: () => {} };
  await (await createDatabase({ url, ...options })).close();
  const orm = new MikroORM({
    clientUrl: url,
    entities: [...recordEntities, ...directoryEntities],
    schemaGenerator: { ignoreTriggers: true },
  });
  const change = await orm.schema.getUpdateSchemaSQL({ dropTables: false });
  await orm.close(true);
  expect(change.split("\n").filter((line) => line !== "")).toEqual([
    "set names 'utf8';",
    // The entities know the requests by their ids, which are one of a kind on every database.
    'alter table "requests" drop constraint "requests_pkey";',
    // Whose call it is, is nothing that is read.
    'alter table "requests" drop column "gateway";',
    'alter table "requests" add primary key ("id");',
  ]);
});
