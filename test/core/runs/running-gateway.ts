// A gateway whose runs are joined and resumed: scripted answers that go on when a test says so, over keys that
// outlive it.

import { expect } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { CallOptions } from "../../../src/core/call.ts";
import type { ChatEvent, ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { GatewayError } from "../../../src/core/errors.ts";
import type { Numbered, Reply } from "../../../src/core/reply.ts";
import { defaultKeptLimits, defaultRunLimits, type KeptLimits } from "../../../src/core/runs/run-settings.ts";
import type { RunLimits } from "../../../src/core/runs/run.ts";
import type { SharedRuns } from "../../../src/core/runs/shared-runs.ts";
import { request } from "../../support/chat-scripts.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { createTestKeys, type TestKeys } from "../../support/memory-keys.ts";
import { principalOfRole } from "../../support/principals.ts";
import { createScriptedProvider, type Script, type Step } from "../../support/scripted-provider.ts";
import { createTestGateway, type TestGatewayOptions } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";

export interface Gate {
  readonly step: Step;
  open(): void;
}

/** A step that lets what comes after it wait. */
export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { step: promise, open: resolve };
}

export interface RunningOptions extends Partial<TestGatewayOptions> {
  readonly clock?: ManualClock;
  /** null: none. */
  readonly keys?: TestKeys | null;
  readonly kept?: Partial<KeptLimits>;
  readonly runLimits?: Partial<RunLimits>;
  readonly shared?: SharedRuns;
}

export function startGateway(scripts: readonly Script[], options: RunningOptions = {}) {
  const { clock = createManualClock(), kept, runLimits, shared, ...rest } = options;
  const keys = options.keys === undefined ? createTestKeys(clock) : (options.keys ?? undefined);
  const provider = createScriptedProvider(...scripts);
  const made = createTestGateway({
    providers: { groq: provider },
    clock,
    runs: {
      keys,
      shared,
      limits: { ...defaultRunLimits, ...runLimits },
      kept: { ...defaultKeptLimits, ...kept },
    },
    ...rest,
  });
  /** Another one over the same keys, as after a restart. */
  const restarted = (again: readonly Script[] = scripts, more: RunningOptions = {}) =>
    startGateway(again, { ...options, clock, keys: keys ?? null, idPrefix: "again", ...more });
  return { ...made, provider, clock, keys, restarted };
}

export type RunningGateway = ReturnType<typeof startGateway>;

export const alice: Principal = { ...principalOfRole("developer", "acme"), apiKeyId: "key-a" };

export const keyed = (more: Partial<CallOptions> = {}): Partial<CallOptions> => ({
  principal: alice,
  idempotencyKey: "once",
  ...more,
});

export const resumable = (more: Partial<CallOptions> = {}): Partial<CallOptions> => ({
  principal: alice,
  resumable: true,
  ...more,
});

/** A front end as it reads a stream: all that comes, as it comes. */
export class Listener {
  readonly events: Numbered<ChatEvent>[] = [];
  reply: Reply<Numbered<ChatEvent>> | undefined;
  error: GatewayError | undefined;
  ended = false;
  readonly #caller = new AbortController();
  #iterator: AsyncIterator<Numbered<ChatEvent>> | undefined;

  get signal(): AbortSignal {
    return this.#caller.signal;
  }

  async listen(reply: Promise<Reply<Numbered<ChatEvent>>>): Promise<void> {
    try {
      this.reply = await reply;
      this.#iterator = this.reply.events[Symbol.asyncIterator]();
      for (let next = await this.#iterator.next(); next.done !== true; next = await this.#iterator.next()) {
        this.events.push(next.value);
      }
    } catch (error) {
      this.error = error instanceof Object && "code" in error ? Object(error) : undefined;
      if (this.error === undefined) throw error;
    }
    this.ended = true;
  }

  /** The caller's connection breaks. */
  goAway(): void {
    this.#caller.abort();
  }

  /** The front end leaves the events. */
  async leave(): Promise<void> {
    await this.#iterator?.return?.();
  }
}

export function streaming(
  { gateway }: Pick<RunningGateway, "gateway">,
  options: Partial<CallOptions>,
  asked: ChatRequest = request,
): Listener {
  const listener = new Listener();
  void listener.listen(gateway.stream(asked, { ...options, signal: listener.signal }));
  return listener;
}

export function resuming(
  { gateway }: Pick<RunningGateway, "gateway">,
  id: string,
  afterSequence = -1,
  options: Partial<CallOptions> = { principal: alice },
): Listener {
  const listener = new Listener();
  void listener.listen(gateway.resume(id, afterSequence, { ...options, signal: listener.signal }));
  return listener;
}

export const sequencesOf = ({ events }: Listener): number[] => events.map(({ sequence }) => sequence);

export const numbersTo = (end: number, first = 0): number[] =>
  Array.from({ length: end - first }, (_, at) => first + at);

/** As it reaches a caller, but for what is left of limits. */
export const wireOf = (events: readonly ChatEvent[]): string =>
  JSON.stringify(events, (name, value: unknown) =>
    name === "limits" ? undefined : typeof value === "bigint" ? `${value}n` : value,
  );

/** Nothing is open any more. */
export async function expectQuiet({ gateway, clock, faults }: RunningGateway): Promise<void> {
  await gateway.close();
  await turn();
  expect(faults).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
}

export const heads: readonly ProviderChatEvent[] = [
  { type: "started", model: "scripted-1" },
  { type: "part_started", index: 0, part: { kind: "text" } },
];

export const tails: readonly ProviderChatEvent[] = [
  { type: "part_finished", index: 0 },
  {
    type: "usage",
    usage: {
      input: { total: 5, uncached: 5 },
      output: { total: 2, text: 2 },
      source: "reported",
    },
  },
  { type: "finished", reason: "stop", rawReason: "stop" },
];

export const word = (text: string): ProviderChatEvent => ({ type: "part_delta", index: 0, text });
