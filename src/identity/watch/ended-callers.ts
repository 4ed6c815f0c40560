// Whose calls have to end: keys, users, sessions and tenants that are not good any more.

import type { Principal } from "../../core/access/principal.ts";
import type { Clock } from "../../core/clock.ts";
import type { ChangedEntry } from "../../core/directory/directory-store.ts";
import { GatewayError } from "../../core/errors.ts";

type Kind = ChangedEntry["kind"] | "token";

interface Ended {
  /** When it was learned. */
  readonly sinceMs: number;
  /** What was made later goes on. */
  readonly madeByMs: number;
}

/** Longer than anybody may take to send a request after it was let in. */
const keepMs = 900_000;
const max = 10_000;

export class EndedCallers {
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #ended = new Map<string, Ended>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  size(): number {
    return this.#ended.size;
  }

  note({ kind, id }: ChangedEntry, isEnded: boolean): void {
    this.#put(nameOf(kind, id), isEnded ? Number.POSITIVE_INFINITY : undefined);
  }

  /** Tokens without a session that were made by then; undefined: none. */
  noteTokens(userId: string, endedAtMs: number | undefined): void {
    this.#put(nameOf("token", userId), endedAtMs);
  }

  /** Forgets what nobody can have been let in by any more. */
  sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [name, { sinceMs }] of this.#ended) {
      if (nowMs - sinceMs < keepMs && this.#ended.size <= max) return;
      this.#ended.delete(name);
    }
  }

  /** Undefined: the principal's calls may go on. */
  readonly endOf = ({
    apiKeyId,
    userId,
    sessionId,
    tokenIssuedAtMs,
    tenantId,
    actingFrom,
  }: Principal): GatewayError | undefined => {
    if (this.#ended.size === 0) return undefined;
    if (this.#has("api_key", apiKeyId)) return ends("The key was revoked");
    if (this.#has("session", sessionId)) return ends("The session was ended");
    if (tokenIssuedAtMs !== undefined && this.#has("token", userId, tokenIssuedAtMs)) {
      return ends("The token was ended");
    }
    if (this.#has("user", userId)) return ends("The user was made inactive");
    if (this.#has("tenant", tenantId) || this.#has("tenant", actingFrom)) {
      return ends("The tenant was made inactive");
    }
    return undefined;
  };

  #put(name: string, madeByMs: number | undefined): void {
    this.#ended.delete(name);
    if (madeByMs !== undefined) this.#ended.set(name, { sinceMs: this.#clock.monotonicMs(), madeByMs });
  }

  #has(kind: Kind, id: string | undefined, madeAtMs = 0): boolean {
    const ended = id === undefined ? undefined : this.#ended.get(nameOf(kind, id));
    return ended !== undefined && madeAtMs <= ended.madeByMs;
  }
}

const nameOf = (kind: Kind, id: string): string => `${kind} ${id}`;

const ends = (what: string): GatewayError =>
  new GatewayError({ code: "unauthenticated", message: `${what} while the call went on.` });
