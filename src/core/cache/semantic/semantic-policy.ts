// What a route may say of answers that serve other questions of the same meaning. Without it there are none.

export interface SemanticPolicy {
  /** Whose vectors tell how near two questions are. */
  readonly embedding: { readonly provider: string; readonly model: string };
  /** From 0.5 to 1: how near a question must be. */
  readonly threshold: number;
  /** `shadow`: what would have been served is only counted, and compared with the answer that is given. */
  readonly mode: SemanticMode;
  /** Absent: as long as the answer itself serves. */
  readonly ttlSeconds?: number | undefined;
}

export type SemanticMode = "shadow" | "serve";

/** Where nothing else is said. */
export const defaultSemanticThreshold = 0.95;

export const semanticThresholdRange = { min: 0.5, max: 1 } as const;
