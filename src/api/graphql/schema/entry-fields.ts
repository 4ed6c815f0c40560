// The fields that everything has which the directory keeps.

import type { OutputFields } from "./field-builders.ts";

interface Entry {
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly version: number;
}

export const entryFields = <E extends Entry>(t: OutputFields<E>) => ({
  createdAt: t.field({
    type: "DateTime",
    description: "When it was made.",
    resolve: ({ createdAtMs }) => createdAtMs,
  }),
  updatedAt: t.field({
    type: "DateTime",
    description: "When it was changed last; when it was made.",
    resolve: ({ updatedAtMs }) => updatedAtMs,
  }),
  version: t.int({
    description: "Raised by each change. Given to a change, it has to be still the same.",
    resolve: ({ version }) => version,
  }),
});

export const readVersion = "The version that was read. Another one by now is a conflict.";
