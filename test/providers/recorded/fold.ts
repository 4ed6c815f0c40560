// Folds a run's events into the words of an expectation, apart from the core's own gathering.

import type { PartStart, ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { Usage } from "../../../src/core/chat/usage.ts";
import type { ExpectedFinish } from "./expectation.ts";

export interface ToldPart {
  readonly start: PartStart;
  text: string;
  signature: string | undefined;
  redacted: string | undefined;
}

export interface Told {
  readonly parts: readonly ToldPart[];
  readonly model: string | undefined;
  readonly usage: Usage | undefined;
  readonly finish: ToldFinish | undefined;
}

interface ToldFinish extends Omit<ExpectedFinish, "rawReason"> {
  readonly rawReason: string | undefined;
}

export function fold(events: readonly ProviderChatEvent[]): Told {
  const parts: ToldPart[] = [];
  let model: string | undefined;
  let usage: Usage | undefined;
  let finish: ToldFinish | undefined;
  for (const event of events) {
    switch (event.type) {
      case "started":
        ({ model, usage } = event);
        break;
      case "part_started":
        parts[event.index] = { start: event.part, text: "", signature: undefined, redacted: undefined };
        break;
      case "part_delta": {
        const part = parts[event.index];
        if (part !== undefined) part.text += event.text;
        break;
      }
      case "part_finished": {
        const part = parts[event.index];
        if (part === undefined) break;
        part.signature = event.signature;
        part.redacted = event.redactedData;
        break;
      }
      case "usage":
        ({ usage } = event);
        break;
      case "finished": {
        const { reason, rawReason, stopSequence } = event;
        finish = { reason, rawReason, stopSequence };
      }
    }
  }
  return { parts, model, usage, finish };
}
