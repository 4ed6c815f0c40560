// A wire format as its vendor documents it, written apart from the adapter: what answers look like, good and bad.

import type { Provider } from "../../../src/core/provider.ts";

/** Counts of tokens, whatever JSON stands in their place; an absent one is not told. */
export interface ToldCounts {
  /** As the vendor counts: most have what was cached in it. */
  readonly input?: unknown;
  readonly output?: unknown;
  readonly cached?: unknown;
  readonly reasoning?: unknown;
}

export interface ToldReply {
  readonly text?: string | undefined;
  /** In the place of a tool call's arguments; absent: there is no call. */
  readonly callArguments?: unknown;
  /** In the place of the usage; absent: none is told. */
  readonly usage?: unknown;
  /** In a stream: told before, in the place where the vendor tells it early. */
  readonly earlierUsage?: unknown;
}

export interface ToldError {
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface WireFormat {
  readonly name: string;
  readonly provider: (baseUrl: string) => Provider;
  /** Where an answer tells the vendor's id of the request; undefined: it tells none. */
  readonly requestIdHeader: string | undefined;
  /** The vendor's own way to tell an error. */
  readonly error: (status: number, words: string) => ToldError;
  /** A whole answer. */
  readonly whole: (reply: ToldReply) => unknown;
  /** A whole answer with neither content nor a reason why it ended. */
  readonly hollow: unknown;
  /** The same as a stream, with its terminal event where there is one. */
  readonly hollowStream: Uint8Array;
  readonly streamType: string;
  readonly stream: (reply: ToldReply) => Uint8Array;
  /** The stream's last event or events, alone. */
  readonly terminal: Uint8Array;
  /** Whether these make a reply: the vendor says with them that it is done. */
  readonly terminalIsReply: boolean;
  /** An error as an event of a stream. */
  readonly errorEvent: (words: string) => Uint8Array;
  /** Bytes that say nothing, so that a connection is kept. */
  readonly keepAlive: Uint8Array;
  /** How a frame begins that may be of any length. */
  readonly frameStart: Uint8Array;
  readonly usage: (counts: ToldCounts) => unknown;
  /** Whether cached tokens are part of the input's count, and reasoning is part of the output's. */
  readonly inputHasCached: boolean;
  readonly outputHasReasoning: boolean;
}
