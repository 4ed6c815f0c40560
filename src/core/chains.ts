// The way of a call through the core: one chain of stages for each operation.

import type { BudgetStore } from "./budgets/budget-store.ts";
import { createReserveBudget } from "./budgets/reserve-budget.ts";
import { createSpendings } from "./budgets/spendings.ts";
import type { Call } from "./call.ts";
import type { Digest } from "./cache/answer-key.ts";
import type { SemanticCache } from "./cache/semantic/semantic-cache.ts";
import { type CachePorts, createServeFromCache } from "./cache/serve-from-cache.ts";
import type { ChatEvent } from "./chat/events.ts";
import type { ChatShape } from "./chat/shape.ts";
import type { EmbedShape } from "./embed/shape.ts";
import type { ErrorCode, GatewayError } from "./errors.ts";
import type { Bulkhead } from "./limits/bulkhead.ts";
import type { GatewayLimits } from "./limits/gateway-limits.ts";
import { createLimitConcurrency } from "./limits/limit-concurrency.ts";
import { createLimitRequests } from "./limits/limit-requests.ts";
import { createReserveTokens } from "./limits/reserve-tokens.ts";
import type { OperationName } from "./operation-name.ts";
import type { OperationShape } from "./operation-shape.ts";
import { compose, type Handler, type StageOf } from "./pipeline.ts";
import { createRecordCall } from "./record-call.ts";
import type { Numbered, Reply } from "./reply.ts";
import type { RoutePorts } from "./routing/route-ports.ts";
import { createRoute } from "./routing/route.ts";
import type { FindTargetsPorts } from "./routing/find-targets.ts";
import { joinRun } from "./runs/join-run.ts";
import type { AskedRest } from "./runs/resume-run.ts";
import { Runs, type RunsPorts } from "./runs/runs.ts";
import type { Settlement } from "./usage/ledger.ts";

type RunHandler<S extends OperationShape> = Handler<Call<S>, Numbered<S["event"]>>;

export interface Chains {
  readonly chat: RunHandler<ChatShape>;
  readonly embed: RunHandler<EmbedShape>;
  /** The rest of a run. */
  readonly resume: (call: Call<ChatShape>, asked: AskedRest) => Promise<Reply<Numbered<ChatEvent>>>;
  /** Ends the runs that go on by themselves. */
  stop(reason: GatewayError): void;
  /** Settles when what became of runs has been told. */
  close(): Promise<void>;
}

export interface ChainParts extends RoutePorts {
  /** Absent: nothing is reserved of budgets. */
  readonly budgetStore?: BudgetStore | undefined;
  /** The places of calls under way. */
  readonly places: Bulkhead;
  /** Absent: callers have no limits. */
  readonly limits?: GatewayLimits | undefined;
  readonly runs: RunsPorts;
  readonly answers: Omit<CachePorts, keyof FindTargetsPorts | "clock" | "digest" | "semantic">;
  /** Absent: no answer serves another question. */
  readonly semantic?: SemanticCache | undefined;
  readonly digest: Digest;
  /** Hears of each call that ends before it has a record. */
  readonly refused: (code: ErrorCode) => void;
  /** Hears of each settlement after the call's last event went out. */
  readonly settled: (settlement: Settlement, operation: OperationName) => void;
}

export function createChains(parts: ChainParts): Chains {
  const { limits } = parts;
  const chat = createRunChain<ChatShape>(parts, 0.75);
  const embed = createRunChain<EmbedShape>(parts, 0.25);
  const limitRequests = limits === undefined ? undefined : createLimitRequests({ ...parts, limits });
  const limited = <S extends OperationShape>(handler: RunHandler<S>): RunHandler<S> =>
    limitRequests === undefined ? handler : (call) => limitRequests(call, handler);
  return {
    chat: limited(chat.handler),
    embed: limited(embed.handler),
    resume: (call, asked) => limited<ChatShape>((admitted) => chat.runs.resume(admitted, asked))(call),
    stop(reason) {
      chat.runs.stop(reason);
      embed.runs.stop(reason);
    },
    async close() {
      await Promise.all([chat.runs.close(), embed.runs.close()]);
    },
  };
}

/** @param share of what logs of ended runs may take together */
function createRunChain<S extends OperationShape>(parts: ChainParts, share: number) {
  const handle = compose<S>(stagesOf<S>(parts), createRoute(parts));
  const { kept } = parts.runs;
  const runs = new Runs<S>({
    ...parts.runs,
    kept: { ...kept, endedMaxBytes: Math.floor(share * kept.endedMaxBytes) },
  });
  return { runs, handler: joinRun(runs, handle) };
}

/** The order of a run's stages, outermost first, between `joinRun` and `route`. */
function stagesOf<S extends OperationShape>(parts: ChainParts): readonly StageOf<S>[] {
  const { places: bulkhead, clock, refused, settled, ledger, reportFault, routes } = parts;
  const { limits, budgetStore: store, semantic } = parts;
  const spendingOf = store === undefined ? undefined : createSpendings({ ...parts, store });
  const byMeaning = semantic === undefined ? undefined : { ...parts, semantic, spendingOf };
  return [
    createLimitConcurrency({ bulkhead, clock, refused }),
    createRecordCall({
      ledger,
      reportFault,
      onSettled(settlement, operation) {
        settled(settlement, operation);
        // How long answers usually are is told by whole ones; vectors have no tokens.
        const outputTokens = settlement.usage?.output.total;
        if (operation !== "chat" || settlement.status !== "ok" || outputTokens === undefined) return;
        routes.answered(outputTokens);
      },
    }),
    createServeFromCache<S>({ ...parts, ...parts.answers, semantic: byMeaning }),
    ...(limits === undefined ? [] : [createReserveTokens(limits, parts.utf8Bytes)]),
    ...(spendingOf === undefined ? [] : [createReserveBudget({ ...parts, spendingOf })]),
  ];
}
