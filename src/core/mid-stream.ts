// How an operation's stream goes on at another target after it broke: told to the route, which need not know which
// operation it is.

import type { OperationShape } from "./operation-shape.ts";
import type { Loss } from "./reply.ts";
import type { SeamPolicy } from "./chat/events.ts";

export interface SeamFacts {
  readonly provider: string;
  readonly model: string;
  readonly policy: SeamPolicy;
  readonly losses: readonly Loss[];
}

/** What another target is asked, and how its answer is made part of the one that broke. */
export interface Sequel<S extends OperationShape> {
  readonly request: S["request"];
  /** The event as the caller gets it: none, itself, or several. */
  readonly rewrite: (event: S["event"]) => readonly S["event"][];
}

/** Follows what reaches the caller of one stream. */
export interface Progress<S extends OperationShape> {
  add(event: S["event"]): void;
  /** Whether the event waits until it is known whether the stream goes on: usage is told once. */
  defers(event: S["event"]): boolean;
  restart(request: S["request"]): Sequel<S>;
  /**
   * `deferred`: what the broken part told last. Undefined: another target cannot go on with this answer; `obstacle` says why.
   */
  continuation(request: S["request"], deferred: S["event"] | undefined): Sequel<S> | undefined;
  obstacle(request: S["request"]): string | undefined;
}

export interface MidStream<S extends OperationShape> {
  follow(): Progress<S>;
  seam(facts: SeamFacts): S["event"];
}
