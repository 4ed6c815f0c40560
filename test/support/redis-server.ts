// A real redis-server for tests, of their own and in a fresh folder: on a free port of the loopback interface, with
// nothing kept on disk. A test that cannot have one fails.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { listen } from "./listen.ts";

export interface RedisServer {
  /** `redis://127.0.0.1:<port>`, with the password where there is one. */
  readonly url: string;
  readonly port: number;
  /** `rediss://localhost:<port>`; where it has a certificate. */
  readonly tlsUrl: string;
  /** Gives what Redis answers to one command, as its protocol has it. */
  run(...command: readonly string[]): Promise<string>;
  /** It stays connected and answers nothing (SIGSTOP). */
  freeze(): void;
  thaw(): void;
  /** At once (SIGKILL); what it held is gone. */
  kill(): Promise<void>;
  /** After `kill`, on the same port, empty. */
  start(): Promise<void>;
  /** Ends it for good and removes its folder. */
  remove(): Promise<void>;
}

export interface RedisServerOptions {
  readonly password?: string | undefined;
  /** Files in PEM. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string } | undefined;
  /** As on its command line, such as `["--maxmemory", "2mb"]`. */
  readonly args?: readonly string[] | undefined;
}

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { password, tls, args = [] } = options;
  const folder = await mkdtemp(join(tmpdir(), "sluice-redis-"));
  const port = await freePort();
  const tlsPort = await freePort();
  const secret = password === undefined ? [] : ["--requirepass", password];
  const secure = tls === undefined ? [] : ["--tls-port", String(tlsPort), ...filesOf(tls)];
  const fixed = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  let running: Running | undefined;

  async function start(): Promise<void> {
    running = await startProcess([...fixed, ...secret, ...secure, ...args]);
  }

  async function kill(): Promise<void> {
    const ending = running;
    running = undefined;
    if (ending === undefined) return;
    const ended = once(ending.child, "exit");
    ending.child.stdin.end();
    await ended;
  }

  try {
    await start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    url: `redis://${password === undefined ? "" : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    port,
    tlsUrl: `rediss://localhost:${tlsPort}`,
    run: (...command) =>
      runCommands(port, [...(password === undefined ? [] : [["AUTH", password]]), command]),
    freeze: () => running?.signal("SIGSTOP"),
    thaw: () => running?.signal("SIGCONT"),
    kill,
    start,
    async remove() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const filesOf = ({ cert, key, ca }: NonNullable<RedisServerOptions["tls"]>): readonly string[] =>
  [
    ["--tls-cert-file", cert],
    ["--tls-key-file", key],
    ["--tls-ca-cert-file", ca],
    ["--tls-auth-clients", "no"],
  ].flat();

interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
}

/** A shell that ends it when its own standard input ends: so also when this process is gone, however that came. */
const keeper = 'redis-server "$@" & echo "pid $!"; cat >/dev/null; exec 2>/dev/null; kill -KILL $!; wait $!';

async function startProcess(args: readonly string[]): Promise<Running> {
  // In a group of its own: an interrupt from the keyboard ends us first.
  const child = spawn("sh", ["-c", keeper, "sh", ...args], {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const said: string[] = [];
  let pid = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    pid ||= Number(/^pid (\d+)$/.exec(line)?.[1] ?? 0);
    said.push(line);
    if (line.includes("Ready to accept connections")) {
      // Nobody reads on; it must not wait for that.
      child.stdout.resume();
      return { child, signal: (signal) => void process.kill(pid, signal) };
    }
    if (line.includes("not found") || line.includes("Exiting")) break;
  }
  child.stdin.end();
  throw new Error(
    `redis-server does not start; is it installed (apt-get install redis-server)?\n${said.join("\n")}`,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

/** On a connection of their own; gives the last one's answer. */
async function runCommands(port: number, commands: readonly (readonly string[])[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  for (const command of [...commands, ["QUIT"]]) {
    const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
    socket.write(`*${command.length}\r\n${parts.join("")}`);
  }
  let answer = "";
  for await (const piece of socket) answer += String(piece);
  const before = commands.length > 1 ? "+OK\r\n".length : 0;
  return answer.slice(before, answer.lastIndexOf("+OK\r\n")).trimEnd();
}
