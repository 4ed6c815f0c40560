// A gateway that keeps answers in memory, over scripted providers, and what tests of it ask, read and count.

import { expect } from "vitest";
import type { AnswerCache } from "../../../src/core/cache/answer-cache.ts";
import type { CallOptions } from "../../../src/core/call.ts";
import type { ChatEvent } from "../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import { createOpenCalls, type OpenCalls } from "../../../src/core/open-calls.ts";
import type { Price } from "../../../src/core/pricing/price.ts";
import type { Settlement } from "../../../src/core/usage/ledger.ts";
import { createMemoryAnswers } from "../../../src/stores/memory/memory-answers.ts";
import { request } from "../../support/chat-scripts.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { createTestGateway, type TestGatewayOptions } from "../../support/test-gateway.ts";

/** 2,000 nano-dollars a token read, 10,000 a token written. */
const price: Price = { version: "test-1", inputPicos: 2_000_000n, outputPicos: 10_000_000n };

/** Of `textScript`'s five tokens read, and its words. */
export const costOf = (words: number): bigint => 5n * 2_000n + BigInt(words) * 10_000n;

export const asked: ChatRequest = { ...request, sampling: { temperature: 0 } };

export interface Caching extends Omit<TestGatewayOptions, "clock" | "answers" | "openCalls"> {
  readonly maxBytes?: number;
  /** The largest answer. */
  readonly answerMaxBytes?: number;
  /** What stands between the core and the memory. */
  readonly store?: (memory: AnswerCache) => AnswerCache;
  /** What needs the gateway's own clock. */
  readonly parts?: (own: {
    readonly clock: ManualClock;
    readonly openCalls: OpenCalls;
  }) => Pick<TestGatewayOptions, "limits" | "budgetStore">;
}

const megabyte = 1_048_576;

export function cachingGateway({ maxBytes, answerMaxBytes, store, parts, ...options }: Caching) {
  const clock = createManualClock();
  const openCalls = createOpenCalls();
  const memory = createMemoryAnswers({ maxEntries: 100, maxBytes: maxBytes ?? 64 * megabyte, clock });
  const made = createTestGateway({
    prices: { find: () => price },
    cache: { mode: "deterministic", ttlSeconds: 3_600 },
    ...options,
    ...parts?.({ clock, openCalls }),
    answers: { cache: store?.(memory) ?? memory, maxBytes: answerMaxBytes ?? 16 * megabyte },
    openCalls,
    clock,
  });
  return {
    ...made,
    clock,
    openCalls,
    memory,
    /** Every call has ended, and holds nothing. */
    expectNothingHeld: () => {
      expect(openCalls.all()).toEqual([]);
      expect(clock.pendingTimers).toBe(0);
      expect(made.faults).toEqual([]);
      const { opened, settled } = made.ledger;
      expect(settled.map(({ id }) => id).toSorted()).toEqual(opened.map(({ id }) => id).toSorted());
    },
  };
}

export type CachingGateway = ReturnType<typeof cachingGateway>;

/** What was settled of a call. @throws where it was not, or twice */
export function settledOf({ ledger }: Pick<CachingGateway, "ledger">, id: string | undefined): Settlement {
  const [settlement, ...others] = ledger.settled.filter((each) => each.id === id);
  if (settlement === undefined || others.length > 0)
    throw new Error(`${id} was settled ${others.length} times too often.`);
  return settlement;
}

/** One who reads a stream as a test says. */
export class StreamReader {
  readonly events: (ChatEvent & { readonly sequence: number })[] = [];
  readonly caller = new AbortController();
  error: unknown;
  over = false;
  #iterator: AsyncIterator<ChatEvent & { readonly sequence: number }> | undefined;
  #reading: Promise<void> = Promise.resolve();
  readonly opened: Promise<void>;
  /** Settles when it has read to the end, or whatever comes in its place. */
  done: Promise<void> = Promise.resolve();

  constructor(gateway: Gateway, chat: ChatRequest = asked, options: Partial<CallOptions> = {}) {
    this.opened = this.#open(gateway.stream(chat, { ...options, signal: this.caller.signal }));
  }

  /** The next event, or the end: one after the other, as streams are asked. */
  read(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#readNext());
    return this.#reading;
  }

  readAll(): this {
    this.done = this.#readToEnd();
    return this;
  }

  /** As a front end does whose caller has gone. */
  leave(): void {
    this.caller.abort();
    void this.#iterator?.return?.();
  }

  async #open(answered: ReturnType<Gateway["stream"]>): Promise<void> {
    try {
      this.#iterator = (await answered).events[Symbol.asyncIterator]();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #readNext(): Promise<void> {
    await this.opened;
    if (this.over || this.#iterator === undefined) return;
    try {
      const next = await this.#iterator.next();
      if (next.done === true) this.over = true;
      else this.events.push(next.value);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #readToEnd(): Promise<void> {
    await this.opened;
    while (!this.over) await this.read();
  }

  #fail(error: unknown): void {
    this.error = error;
    this.over = true;
  }
}
