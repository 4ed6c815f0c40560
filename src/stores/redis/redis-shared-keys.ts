// What gateways have found of keys, in a Redis that they share. Where it is away, nothing is found there.

import type { Clock } from "../../core/clock.ts";
import type { SharedKeyStore } from "../../core/directory/shared-key-store.ts";
import { createRedisLink } from "./redis-link.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { createRedisScript } from "./redis-script.ts";
import type { RedisSuspicion } from "./redis-suspicion.ts";

export interface RedisSharedKeysOptions {
  /** `REDIS_URL` */
  readonly url: string;
  readonly clock: Clock;
  /** For the log: that Redis went away, and that it is back. */
  readonly tell: (message: string) => void;
  readonly suspicion?: RedisSuspicion | undefined;
}

/** Of gateways that tell of a change at the same time, the one that saw the newest counts. */
const markScript = createRedisScript(`
for _, key in ipairs(KEYS) do
  local marked = tonumber(redis.call("GET", key) or "0")
  redis.call("SET", key, string.format("%.0f", math.max(marked, tonumber(ARGV[1]))), "PX", ARGV[2])
end
`);

/** As long as none that is written here. */
const maxTextChars = 65_536;

export function createRedisSharedKeys({
  url,
  clock,
  tell,
  suspicion,
}: RedisSharedKeysOptions): SharedKeyStore {
  const link = createRedisLink({ url, clock, check, back() {}, tell, suspicion });

  async function asked<T>(send: (connection: RedisConnection) => Promise<T>): Promise<T | undefined> {
    try {
      return await link.ask(send);
    } catch {
      return undefined;
    }
  }

  return {
    async read(name) {
      const text = await asked((connection) => connection.send(["GET", textKey(name)]));
      return typeof text === "string" && text.length <= maxTextChars ? text : undefined;
    },
    write(name, text, keepMs) {
      if (text.length > maxTextChars) return;
      void asked((connection) => connection.send(["SET", textKey(name), text, "PX", String(keepMs)]));
    },
    async newestMark(names) {
      const marks = await asked((connection) => connection.send(["MGET", ...names.map(markKey)]));
      return Array.isArray(marks) ? newestOf(marks) : undefined;
    },
    async mark(names, version, keepMs) {
      if (names.length === 0) return;
      const args = [String(version), String(keepMs)];
      await asked((connection) => markScript.run(connection, { keys: names.map(markKey), args }));
    },
    close: () => link.close(),
  };
}

const textKey = (name: string): string => `sluice:keys:found:${name}`;
const markKey = (name: string): string => `sluice:keys:changed:${name}`;

/** One that was written by somebody else says nothing good: as if everything had changed. */
const newestOf = (marks: readonly unknown[]): number =>
  Math.max(0, ...marks.map((mark) => (mark === null ? 0 : versionIn(mark))));

const versionIn = (mark: unknown): number =>
  typeof mark === "string" && /^\d{1,16}$/.test(mark) ? Number(mark) : Number.POSITIVE_INFINITY;

/** That it can be written to: a server that is full, and would not take marks, is not asked at all. */
async function check(connection: RedisConnection): Promise<void> {
  await markScript.load(connection);
  await markScript.run(connection, { keys: [markKey("check")], args: ["0", "1000"] });
  await connection.send(["MGET", markKey("check")]);
}
