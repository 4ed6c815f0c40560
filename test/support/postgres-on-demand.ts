// One PostgreSQL server for all files of a run, started when the first asks for it: a server on the loopback
// interface that says its URL to whoever connects.

import { createServer } from "node:net";
import type { TestProject } from "vitest/node";
import { listen } from "./listen.ts";
import { type PostgresServer, startPostgres } from "./postgres-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly postgresPort: number;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let postgres: Promise<PostgresServer> | undefined;
  const server = createServer((socket) => {
    postgres ??= startPostgres();
    postgres.then(
      ({ url }) => socket.end(url),
      (error: unknown) => socket.end(String(error)),
    );
  });
  project.provide("postgresPort", await listen(server));
  return async () => {
    server.close();
    await postgres?.then(
      (started) => started.remove(),
      () => undefined,
    );
  };
}
