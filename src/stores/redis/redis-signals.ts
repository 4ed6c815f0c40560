// Signals by Redis' PUBLISH and SUBSCRIBE. What is said goes one way, what is heard comes another: a connection that
// listens takes no commands.

import type { Clock } from "../../core/clock.ts";
import type { Signals } from "../../core/signals.ts";
import { createRedisLink } from "./redis-link.ts";
import { RedisListener } from "./redis-listener.ts";

export interface RedisSignals extends Signals {
  /** Nothing is said or heard from then on. */
  close(): Promise<void>;
}

export interface RedisSignalsOptions {
  /** `REDIS_URL` */
  readonly url: string;
  readonly clock: Clock;
  /** For the log: that nothing is heard any more, and that it is again. */
  readonly tell: (message: string) => void;
}

const maxSignalChars = 1_024;

export function createRedisSignals({ url, clock, tell }: RedisSignalsOptions): RedisSignals {
  const listener = new RedisListener({ url, clock, tell });
  // Whoever cannot say anything hears nothing either, which is told.
  const link = createRedisLink({ url, clock, check: () => Promise.resolve(), back() {}, tell() {} });
  return {
    publish(channel, text) {
      if (text.length > maxSignalChars)
        throw new RangeError(`A signal has at most ${maxSignalChars} characters.`);
      // Who missed it looks anyway.
      link.ask((connection) => connection.send(["PUBLISH", channel, text]))?.catch(() => undefined);
    },
    subscribe: (channel, heard) => listener.subscribe(channel, heard),
    async close() {
      listener.close();
      await link.close();
    },
  };
}
