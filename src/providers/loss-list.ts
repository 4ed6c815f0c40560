import type { Loss } from "../core/reply.ts";

/** Gathers what a request's translation had to drop or change. */
export interface LossList {
  add(field: string, detail: string): void;
  readonly all: readonly Loss[];
}

export function createLossList(): LossList {
  const all: Loss[] = [];
  return {
    all,
    add(field, detail) {
      all.push({ field, detail });
    },
  };
}
