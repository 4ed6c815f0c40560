// Redis as a store of scripts sees it: each step is one script.

import type { Clock } from "../../core/clock.ts";
import { createRedisLink } from "./redis-link.ts";
import type { RedisScript, ScriptCall } from "./redis-script.ts";
import type { RedisSuspicion } from "./redis-suspicion.ts";

export interface RedisScripts {
  /**
   * What the script gives; undefined while Redis is away. Rejects, at the latest after the time for an answer, when it
   * went away meanwhile: whether the script has run is then not known.
   */
  evalScript(script: RedisScript, call: ScriptCall): Promise<unknown> | undefined;
  /** Why it is away, as a sentence; undefined while it is not. */
  failure(): string | undefined;
  /** Told each time that it answers again after it was away, and for the first time. */
  whenBack(listener: () => void): void;
  /** Waits a little for what was sent. */
  close(): Promise<void>;
}

export interface RedisScriptsOptions {
  /** `REDIS_URL` */
  readonly url: string;
  readonly clock: Clock;
  /** All that will be run: Redis is told them beforehand. */
  readonly scripts: readonly RedisScript[];
  /** For the log: that Redis went away, and that it is back. */
  readonly tell: (message: string) => void;
  readonly suspicion?: RedisSuspicion | undefined;
}

export function createRedisScripts({
  url,
  clock,
  scripts,
  tell,
  suspicion,
}: RedisScriptsOptions): RedisScripts {
  const listeners: (() => void)[] = [];
  const link = createRedisLink({
    url,
    clock,
    tell,
    suspicion,
    async check(connection) {
      await Promise.all(scripts.map((script) => script.load(connection)));
    },
    back() {
      for (const listener of listeners) listener();
    },
  });
  return {
    evalScript: (script, call) => link.ask((connection) => script.run(connection, call)),
    failure: () => link.failure(),
    whenBack: (listener) => void listeners.push(listener),
    close: () => link.close(),
  };
}
