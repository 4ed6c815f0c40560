// Gateways of the real composition root on a database that outlives them, and what stands in it.

import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { loadConfiguration } from "../../../src/config/load-configuration.ts";
import { parseYamlFile } from "../../../src/config/yaml-file.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { createGateway, type RunningGateway } from "../../../src/gateway.ts";
import { providerTable } from "../../../src/providers/provider-table.ts";
import { rowsOf } from "../../db/processes.ts";
import { createTestDatabase, runSql } from "../../support/postgres.ts";
import { keylessPrincipal } from "../../support/principals.ts";

export const keyless = keylessPrincipal;

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly yaml?: string;
  readonly clock?: Clock;
}

export interface ManagedFixture {
  /** Stopped with the fixture, where it is not before. */
  start(options?: StartOptions): Promise<RunningGateway>;
  rows(sql: string): Promise<readonly unknown[]>;
  /** As somebody else, who has the database. */
  change(sql: string): Promise<void>;
  hasSecretFile(): boolean;
  /** All that the database says and has written to its files, as far as a test may see them. */
  bytes(): Promise<string>;
  /** What the gateways have written to their logs. */
  readonly logged: readonly string[];
  close(): Promise<void>;
}

export const databases = ["SQLite", "PostgreSQL"] as const;

export async function createManagedFixture(database: (typeof databases)[number]): Promise<ManagedFixture> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-managed-"));
  const file = join(folder, "sluice.db");
  const url = database === "SQLite" ? `sqlite:${file}` : await createTestDatabase();
  const started = new Set<RunningGateway>();
  const logged: string[] = [];
  const log = (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const secretFile = join(folder, ".sluice", "secret");
  const rows = async (sql: string): Promise<readonly unknown[]> => {
    if (database === "PostgreSQL") return runSql(url, sql);
    const opened = new DatabaseSync(file, { readOnly: true });
    try {
      return opened.prepare(sql).all();
    } finally {
      opened.close();
    }
  };
  return {
    async start({ environment = {}, yaml, clock } = {}) {
      const path = "sluice.yaml";
      const configuration = loadConfiguration({
        flags: {},
        environment: { DATABASE_URL: url, EGRESS_NETWORKS: "127.0.0.0/8", ...environment },
        kinds: Object.values(providerTable),
        file:
          yaml === undefined ? undefined : { path, content: parseYamlFile(yaml, { path, environment: {} }) },
      });
      const gateway = await createGateway(configuration, {
        log: { info: log, warn: log, error: log },
        secretFile,
        ...(clock === undefined ? {} : { clock }),
      });
      started.add(gateway);
      return {
        ...gateway,
        async close() {
          started.delete(gateway);
          await gateway.close();
        },
      };
    },
    rows,
    async change(sql) {
      if (database === "PostgreSQL") await runSql(url, sql);
      // In another process: one that closes a file here takes this process's locks on it away.
      else await rowsOf(file, sql);
    },
    hasSecretFile: () => existsSync(secretFile),
    async bytes() {
      if (database === "PostgreSQL") {
        const tables = [
          "provider_configs",
          "route_configs",
          "requests",
          "provider_attempts",
          "request_bodies",
        ];
        const texts = await Promise.all(
          tables.map((table) => rows(`select ${table}::text as row from ${table}`)),
        );
        return JSON.stringify(texts);
      }
      const files = (await readdir(folder)).filter((name) => name.startsWith("sluice.db"));
      return (await Promise.all(files.map((name) => readFile(join(folder, name), "latin1")))).join("");
    },
    logged,
    async close() {
      for (const gateway of started) await gateway.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** What a change must leave as it was, where it is refused. */
export async function stateOf(fixture: ManagedFixture, { settings }: RunningGateway): Promise<unknown> {
  return {
    providers: settings.providers(keyless),
    routes: settings.routes(keyless),
    stored: await fixture.rows("select name, config, draining, version from provider_configs order by name"),
    storedRoutes: await fixture.rows(
      "select name, config, draining, version from route_configs order by name",
    ),
    version: await fixture.rows("select version from config_version"),
  };
}

/** As `provider/model`, in the order in which they are tried. */
export const targetsOf = ({ settings }: RunningGateway, route = "default"): readonly string[] | undefined =>
  settings
    .routes(keyless)
    .find(({ name }) => name === route)
    ?.targets.map(({ provider, model }) => `${provider}/${model}`);
