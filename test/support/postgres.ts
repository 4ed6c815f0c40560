// Databases on a real PostgreSQL server, for tests; a test that cannot have one fails.

import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { MikroORM } from "@mikro-orm/postgresql";
import { inject } from "vitest";

/** The URL of the run's server, without a database; its user may do everything. */
async function postgresUrl(): Promise<string> {
  const url = await text(connect(inject("postgresPort"), "127.0.0.1"));
  if (!url.startsWith("postgresql://")) throw new Error(url);
  return url;
}

let administrator: Promise<SqlSession> | undefined;

/** The URL of a fresh database on the run's server; it goes with the server. */
export async function createTestDatabase(): Promise<string> {
  const base = await postgresUrl();
  administrator ??= openSql(`${base}/postgres`);
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await (await administrator).run(`create database ${name}`);
  return `${base}/${name}`;
}

/** A user with no rights but to connect, and the database's URL for it; its password is `secret`. */
export async function createTestUser(
  database: string,
): Promise<{ readonly name: string; readonly url: string }> {
  const name = `user_${randomUUID().replaceAll("-", "")}`;
  await runSql(database, `create role ${name} login password 'secret'`);
  const url = new URL(database);
  url.username = name;
  return { name, url: url.href };
}

/** Another program on the database. */
export interface SqlSession {
  run(sql: string): Promise<readonly unknown[]>;
  end(): Promise<void>;
}

/** One connection; it may hold locks and transactions. */
export async function openSql(url: string): Promise<SqlSession> {
  const orm = new MikroORM({
    dbName: "test",
    entities: [],
    discovery: { warnWhenNoEntities: false },
    ensureDatabase: false,
    driverOptions: {
      connectionString: url,
      max: 1,
      application_name: "another program",
      allowExitOnIdle: true,
    },
    logger: () => {},
  });
  await orm.connect();
  return {
    run: (sql) => orm.em.getConnection().execute(sql),
    end: () => orm.close(true),
  };
}

export async function runSql(url: string, sql: string): Promise<readonly unknown[]> {
  const session = await openSql(url);
  try {
    return await session.run(sql);
  } finally {
    await session.end();
  }
}
