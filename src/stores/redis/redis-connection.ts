// One connection to Redis that is never made again by itself: who holds it says when.

import { createClient, ErrorReply } from "@redis/client";

export interface RedisConnection {
  /** Rejects with Redis' own error, or that of the connection. */
  send(args: readonly string[]): Promise<unknown>;
}

export interface OpenedConnection extends RedisConnection {
  /** Resolves when it can be used. */
  readonly opened: Promise<void>;
  /**
   * Resolves when what is said on the channels is heard. From then on the connection takes no command but `PING` and
   * these two.
   */
  subscribe(channels: readonly string[], heard: (text: string, channel: string) => void): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  /** Waits for the answers to what was sent. */
  end(): Promise<void>;
  /** At once; what was sent is rejected. */
  destroy(): void;
}

export interface ConnectionOptions {
  /** `redis://…` or `rediss://…` */
  readonly url: string;
  readonly connectMs: number;
  /** Hears why it was lost; once or more often. */
  readonly lost: (error: unknown) => void;
}

/** Redis answered, and what it answered is an error; others tell that the connection failed. */
export const isErrorReply = (error: unknown): error is Error => error instanceof ErrorReply;

/** More wait for no answer: they would have been given up by then. */
const maxUnanswered = 50_000;

export function openConnection({ url, connectMs, lost }: ConnectionOptions): OpenedConnection {
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: "disabled",
    commandsQueueMaxLength: maxUnanswered,
    // The holder watches the time.
    commandOptions: { timeout: undefined },
    socket: { reconnectStrategy: false, connectTimeout: connectMs },
  });
  // Without a listener an error would end the process.
  client.on("error", lost);
  const opened = client.connect().then(() => undefined);
  return {
    opened,
    send: (args) => client.sendCommand(args),
    subscribe: (channels, heard) => client.subscribe([...channels], heard),
    unsubscribe: (channel) => client.unsubscribe(channel),
    end: () => client.close(),
    destroy() {
      client.destroy();
      // While it connects, the client does not yet know the socket that it would destroy.
      const again = (): void => client.destroy();
      opened.then(again, again);
    },
  };
}
