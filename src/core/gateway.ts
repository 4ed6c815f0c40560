// The gateway as front ends and library users hold it.

import type { BudgetReports } from "./budgets/budget-reports.ts";
import type { Administration } from "./directory/administration.ts";
import type { Sessions } from "./directory/sessions.ts";
import type { Access } from "./access/access.ts";
import type { RequirePermission } from "./access/permission-check.ts";
import type { Question } from "./ask.ts";
import type { SemanticCacheReport } from "./cache/semantic/semantic-report.ts";
import type { CallOptions } from "./call.ts";
import type { ChatEvent } from "./chat/events.ts";
import type { ChatReply } from "./chat/gather.ts";
import type { ChatRequest } from "./chat/request.ts";
import type { Embedded } from "./embed/events.ts";
import type { EmbedRequest } from "./embed/request.ts";
import type { MetricFamily } from "./metrics/metric-family.ts";
import type { Provider } from "./provider.ts";
import type { Numbered, Reply } from "./reply.ts";
import type { Settings } from "./settings.ts";
import type { AddedProvider } from "./snapshot-holder.ts";
import type { Records } from "./usage/records.ts";

/** Since the start of the process; the JSON of `/metrics`. */
export interface GatewayMetrics {
  readonly total_requests: number;
  readonly cache_hits: number;
  /** Hits ÷ requests, two decimals, 0 without requests. */
  readonly cache_hit_rate_percent: number;
  /** Failed attempts. */
  readonly failures: number;
  readonly providers_active: number;
}

export interface Readiness {
  readonly ready: boolean;
  /**
   * What keeps it from being ready, or would be worth mending: a sentence each, that names no host or user and has no
   * words of a driver, as whoever reaches the port may ask.
   */
  readonly problems: readonly string[];
}

export interface ResumeOptions extends Partial<CallOptions> {
  /** All that came before is given too, as what is made of the rest depends on it. */
  readonly fromStart?: boolean | undefined;
}

export interface Gateway {
  /** @throws GatewayError */
  chat(request: ChatRequest, options?: Partial<CallOptions>): Promise<ChatReply>;
  /**
   * Resolves when a provider has committed to an answer. The events are read once; leaving them early ends
   * the call at its provider.
   * @throws GatewayError before the first event, or from the iterator
   */
  stream(request: ChatRequest, options?: Partial<CallOptions>): Promise<Reply<Numbered<ChatEvent>>>;
  /**
   * The events of a resumable call after that sequence (-1: all), for the principal that began it: what is kept of
   * them at once, the rest as it comes.
   * @throws GatewayError `not_found`, `invalid_request` for a sequence that is not there yet, `conflict` for one that
   * is no longer kept
   */
  resume(id: string, afterSequence: number, options?: ResumeOptions): Promise<Reply<Numbered<ChatEvent>>>;
  /** The vectors of texts, of one provider's model. @throws GatewayError */
  embed(request: EmbedRequest, options?: Partial<CallOptions>): Promise<Embedded>;
  /** One question, one text. @throws GatewayError */
  ask(question: Question): Promise<string>;
  /**
   * Serves by an adapter of the caller's own: its models can be asked as `name/model` at once, and where the route
   * `default` is the gateway's own, its first model becomes a target there by its priority. The gateway closes the
   * adapter when it closes. A provider of a kind that the gateway knows is added by `settings.addProvider`.
   * @throws GatewayError `conflict` for a name in use, `invalid_request` for one that no provider may have
   */
  addProvider(name: string, adapter: Provider, options?: AddedProvider): void;
  metrics(): GatewayMetrics;
  /** What answers to questions of the same meaning would have served, and how often rightly: of each route that asks. */
  semanticCacheReport(): SemanticCacheReport;
  /** All that is measured, for monitoring. */
  measurements(): readonly MetricFamily[];
  readiness(): Readiness;
  readonly access: Access;
  /** For what is no port's to check. */
  readonly requirePermission: RequirePermission;
  readonly records: Records;
  readonly settings: Settings;
  /** Tenants, users, keys, sign-on, and the audit trail. */
  readonly administration: Administration;
  readonly sessions: Sessions;
  readonly budgets: BudgetReports;
  /** From now on it is not ready, so that no more callers are sent to it; those who come are served. */
  announceStop(): void;
  /** From now on a new call is refused with `unavailable`; those that are open go on. */
  refuseCalls(): void;
  /** Ends open calls with `unavailable`, writes what is queued, closes providers and database. */
  close(): Promise<void>;
}
