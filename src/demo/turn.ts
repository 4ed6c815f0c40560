/** One request under way, and what all kinds of requests share: which model is meant, and which fault strikes. */
import type { DemoDirective } from "./directive.ts";
import type { DemoFault, FaultBook } from "./faults.ts";
import type { ReceivedRequest } from "./observations.ts";
import type { PromptMemory } from "./prompt-memory.ts";
import type { Stage } from "./send-whole.ts";
import type { Ids } from "./vendor.ts";
import type { Address } from "./address.ts";

export interface AnsweringOptions {
  readonly models: readonly string[];
  readonly embeddingModels: readonly string[];
  readonly version: string;
  readonly tokenDelayMs: number;
  readonly apiKey: string | undefined;
  readonly now: () => number;
  readonly ids: Ids;
  readonly memory: PromptMemory;
  readonly faults: FaultBook;
}

export interface Turn {
  readonly options: AnsweringOptions;
  readonly stage: Stage;
  readonly record: ReceivedRequest;
  readonly address: Address;
  readonly body: unknown;
  readonly fault: DemoFault | undefined;
}

export interface Prompt {
  readonly written: string;
  readonly directive: DemoDirective;
  readonly model: string;
  /** The model as the request names it. */
  readonly asked: string;
}

/** The fault set for all requests, else the one that the prompt asks for. */
export function faultFor(
  { options, fault }: Turn,
  { written, directive, model, asked }: Prompt,
): DemoFault | undefined {
  const { onlyModel } = directive;
  const meant = onlyModel === undefined || onlyModel === model || onlyModel === asked;
  return fault ?? options.faults.nextFor(`${model}\n${written}`, meant ? directive.fault : undefined);
}

/** The model of these that a request names, with or without its date. */
export function findModel(
  models: readonly string[],
  asked: string,
  options: AnsweringOptions,
): string | undefined {
  return models.find((name) => asked === name || asked === servedAs(name, options));
}

export function servedAs(model: string, { version }: AnsweringOptions): string {
  return version === "" ? model : `${model}-${version}`;
}
