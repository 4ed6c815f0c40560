// What is documented of models whose names begin alike.

import type { ModelCapabilities } from "../../core/models.ts";
import type { OperationName } from "../../core/operation-name.ts";

export interface ModelFamily {
  readonly pattern: RegExp;
  readonly capabilities?: ModelCapabilities | undefined;
  readonly operations?: readonly OperationName[] | undefined;
  readonly maxOutputTokens?: number | undefined;
  /** The page that says so. */
  readonly source: string;
}

export const chat: readonly OperationName[] = ["chat"];
export const embed: readonly OperationName[] = ["embed"];
/** What the gateway has no operation for: speech, pictures, moderation. */
export const none: readonly OperationName[] = [];

export type Trait = keyof ModelCapabilities;

/** What is neither in `has` nor in `lacks` is unknown. */
export const traits = (has: readonly Trait[], lacks: readonly Trait[]): ModelCapabilities =>
  Object.fromEntries([...has.map((trait) => [trait, true]), ...lacks.map((trait) => [trait, false])]);
