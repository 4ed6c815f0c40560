// Whose calls have to end: keys, users, sessions and tenants that are not good any more.

import type { Principal } from "../../core/access/principal.ts";
import type { Clock } from "../../core/clock.ts";
import type { ChangedEntry } from "../../core/directory/directory-store.ts";
import { GatewayError } from "../../core/errors.ts";

type Kind = ChangedEntry["kind"];

/** Longer than anybody may take to send a request after it was let in. */
const keepMs = 900_000;
const max = 10_000;

export class EndedCallers {
  readonly #clock: Clock;
  /** When it was learned; the oldest first. */
  readonly #ended = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  size(): number {
    return this.#ended.size;
  }

  note({ kind, id }: ChangedEntry, isEnded: boolean): void {
    const name = nameOf(kind, id);
    this.#ended.delete(name);
    if (isEnded) this.#ended.set(name, this.#clock.monotonicMs());
  }

  /** Forgets what nobody can have been let in by any more. */
  sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [name, sinceMs] of this.#ended) {
      if (nowMs - sinceMs < keepMs && this.#ended.size <= max) return;
      this.#ended.delete(name);
    }
  }

  /** Undefined: the principal's calls may go on. */
  readonly endOf = ({
    apiKeyId,
    userId,
    sessionId,
    tenantId,
    actingFrom,
  }: Principal): GatewayError | undefined => {
    if (this.#ended.size === 0) return undefined;
    if (this.#has("api_key", apiKeyId)) return ends("The key was revoked");
    if (this.#has("session", sessionId)) return ends("The session was ended");
    if (this.#has("user", userId)) return ends("The user was made inactive");
    if (this.#has("tenant", tenantId) || this.#has("tenant", actingFrom)) {
      return ends("The tenant was made inactive");
    }
    return undefined;
  };

  #has(kind: Kind, id: string | undefined): boolean {
    return id !== undefined && this.#ended.has(nameOf(kind, id));
  }
}

const nameOf = (kind: Kind, id: string): string => `${kind} ${id}`;

const ends = (what: string): GatewayError =>
  new GatewayError({ code: "unauthenticated", message: `${what} while the call went on.` });
