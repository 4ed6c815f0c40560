// By what version of the directory this gateway has seen something change: what was found before that is out of date.

import type { ChangedEntry } from "../../core/directory/directory-store.ts";

/** No key is made of a session. */
export type KeyPart = ChangedEntry & { readonly kind: "tenant" | "user" | "api_key" };

export const isKeyPart = (entry: ChangedEntry): entry is KeyPart => entry.kind !== "session";

export const nameOfPart = ({ kind, id }: ChangedEntry): string => `${kind}:${id}`;

const rememberedMax = 10_000;

export class SeenChanges {
  readonly #newest = new Map<string, number>();
  readonly #max: number;
  /** What changed by then is not known: all may have. Before the beginning nothing is known at all. */
  #unknownBy = Number.POSITIVE_INFINITY;

  constructor(max = rememberedMax) {
    this.#max = max;
  }

  /** Each change after that version is noted, from the next note on. */
  begin(version: number): void {
    if (!Number.isFinite(this.#unknownBy)) this.#unknownBy = version;
  }

  /** `version`: by then they were changed, perhaps earlier. */
  note(changed: readonly KeyPart[] | "unknown", version: number): void {
    if (changed === "unknown" || this.#newest.size + changed.length > this.#max) {
      const before = Number.isFinite(this.#unknownBy) ? this.#unknownBy : 0;
      this.#unknownBy = [...this.#newest.values()].reduce(
        (a, b) => Math.max(a, b),
        Math.max(version, before),
      );
      this.#newest.clear();
      return;
    }
    for (const part of changed) {
      const name = nameOfPart(part);
      this.#newest.set(name, Math.max(version, this.#newest.get(name) ?? 0));
    }
  }

  /** What was found by an earlier version may not be as these are now. */
  newestOf(parts: readonly KeyPart[]): number {
    return Math.max(this.#unknownBy, ...parts.map((part) => this.#newest.get(nameOfPart(part)) ?? 0));
  }
}
