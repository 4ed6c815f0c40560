import type { Loss } from "../../core/reply.ts";

export interface LossList {
  add(field: string, detail: string): void;
  readonly all: readonly Loss[];
}

export function createLossList(): LossList {
  const all: Loss[] = [];
  return {
    add: (field, detail) => void all.push({ field, detail }),
    all,
  };
}
