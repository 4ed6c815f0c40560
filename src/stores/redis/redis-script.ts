// A script that Redis keeps by its digest, so that only that is sent.

import { createHash } from "node:crypto";
import type { RedisConnection } from "./redis-connection.ts";

export interface RedisScript {
  load(connection: RedisConnection): Promise<unknown>;
  /** Sends it whole where Redis has forgotten it. */
  run(connection: RedisConnection, call: ScriptCall): Promise<unknown>;
}

export interface ScriptCall {
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

export function createRedisScript(source: string): RedisScript {
  // How Redis names scripts; no secret hangs on it.
  const digest = createHash("sha1").update(source).digest("hex");
  return {
    load: (connection) => connection.send(["SCRIPT", "LOAD", source]),
    async run(connection, { keys, args }) {
      const rest = [String(keys.length), ...keys, ...args];
      try {
        return await connection.send(["EVALSHA", digest, ...rest]);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
        return connection.send(["EVAL", source, ...rest]);
      }
    },
  };
}
