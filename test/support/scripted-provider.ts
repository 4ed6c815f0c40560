// A provider whose answers a test writes down: the contract's plain form, without HTTP.

import type { ProviderChatEvent } from "../../src/core/chat/events.ts";
import type { ChatRequest } from "../../src/core/chat/request.ts";
import type { AttemptContext, Provider, ProviderReply } from "../../src/core/provider.ts";
import type { ProviderError } from "../../src/core/provider-error.ts";
import type { Loss } from "../../src/core/reply.ts";

/** One step of an answer: an event, an error to throw, something to wait for, or to wait for the abort. */
export type Step =
  | ProviderChatEvent
  | Error
  | Promise<unknown>
  /** Begins to wait when its turn comes. */
  | ((signal: AbortSignal) => Promise<unknown>)
  | "hang";

export interface Script {
  readonly steps: readonly Step[];
  /** Thrown by `chat` itself, as an answer that is no answer. */
  readonly refuse?: ProviderError;
  readonly losses?: readonly Loss[];
}

export interface ScriptedProvider extends Provider {
  readonly calls: { readonly request: ChatRequest; readonly context: AttemptContext }[];
  /** How many events have been handed out, over all calls. */
  yielded: number;
  /** How many answers were read to an end or left early. */
  ended: number;
}

/** Text as a whole answer of small events. */
export function textScript(text: string, options: { model?: string } = {}): Script {
  const words = text.split(/(?<= )/);
  return {
    steps: [
      { type: "started", model: options.model ?? "scripted-1" },
      { type: "part_started", index: 0, part: { kind: "text" } },
      ...words.map((word): ProviderChatEvent => ({ type: "part_delta", index: 0, text: word })),
      { type: "part_finished", index: 0 },
      {
        type: "usage",
        usage: {
          input: { total: 5, uncached: 5 },
          output: { total: words.length, text: words.length },
          source: "reported",
        },
      },
      { type: "finished", reason: "stop", rawReason: "stop" },
    ],
  };
}

/** Each call takes the next script; the last one serves all further calls. */
export function createScriptedProvider(...scripts: readonly Script[]): ScriptedProvider {
  const provider: ScriptedProvider = {
    calls: [],
    yielded: 0,
    ended: 0,
    async chat(request, context): Promise<ProviderReply<ProviderChatEvent>> {
      const script = scripts[Math.min(provider.calls.length, scripts.length - 1)] ?? { steps: [] };
      provider.calls.push({ request, context });
      if (script.refuse !== undefined) throw script.refuse;
      return {
        losses: script.losses ?? [],
        httpStatus: 200,
        upstreamRequestId: `up-${provider.calls.length}`,
        events: play(script.steps, context.signal, provider),
      };
    },
  };
  return provider;
}

async function* play(steps: readonly Step[], signal: AbortSignal, provider: ScriptedProvider) {
  try {
    for (const step of steps) {
      signal.throwIfAborted();
      if (step instanceof Error) throw step;
      if (step === "hang") await aborted(signal);
      else if (typeof step === "function") await step(signal);
      else if (step instanceof Promise) await Promise.race([step, aborted(signal)]);
      else {
        provider.yielded += 1;
        yield step;
      }
    }
  } finally {
    provider.ended += 1;
  }
}

/** Rejects with the signal's reason. */
export const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
