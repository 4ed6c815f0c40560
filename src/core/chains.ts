// The way of a call through the core: one chain of stages for each operation.

import type { BudgetStore } from "./budgets/budget-store.ts";
import { createReserveBudget } from "./budgets/reserve-budget.ts";
import type { Call } from "./call.ts";
import type { ChatShape } from "./chat/shape.ts";
import type { EmbedShape } from "./embed/shape.ts";
import type { ErrorCode } from "./errors.ts";
import type { Bulkhead } from "./limits/bulkhead.ts";
import type { GatewayLimits } from "./limits/gateway-limits.ts";
import { createLimitConcurrency } from "./limits/limit-concurrency.ts";
import { createLimitRequests } from "./limits/limit-requests.ts";
import { createReserveTokens } from "./limits/reserve-tokens.ts";
import type { OperationName } from "./operation-name.ts";
import type { OperationShape } from "./operation-shape.ts";
import { compose, type Handler, type Stage } from "./pipeline.ts";
import { createRecordCall } from "./record-call.ts";
import type { Numbered } from "./reply.ts";
import type { RoutePorts } from "./routing/route-ports.ts";
import { createRoute } from "./routing/route.ts";
import { joinRun } from "./run.ts";
import type { Settlement } from "./usage/ledger.ts";

type RunHandler<S extends OperationShape> = Handler<Call<S>, Numbered<S["event"]>>;

export interface Chains {
  readonly chat: RunHandler<ChatShape>;
  readonly embed: RunHandler<EmbedShape>;
}

export interface ChainParts extends RoutePorts {
  /** Absent: nothing is reserved of budgets. */
  readonly budgetStore?: BudgetStore | undefined;
  /** The places of calls under way. */
  readonly places: Bulkhead;
  /** Absent: callers have no limits. */
  readonly limits?: GatewayLimits | undefined;
  /** Hears of each call that ends before it has a record. */
  readonly refused: (code: ErrorCode) => void;
  /** Hears of each settlement after the call's last event went out. */
  readonly settled: (settlement: Settlement, operation: OperationName) => void;
}

export function createChains(parts: ChainParts): Chains {
  const { places: bulkhead, clock, refused, settled, ledger, reportFault, routes } = parts;
  const { limits, budgetStore: store } = parts;
  // The order of a run's stages, outermost first, between `joinRun` and `route`.
  const stages: readonly Stage[] = [
    createLimitConcurrency({ bulkhead, clock, refused }),
    createRecordCall({
      ledger,
      reportFault,
      onSettled(settlement, operation) {
        settled(settlement, operation);
        // How long answers usually are is told by whole ones, not by what failed before one that stood in; vectors
        // have no tokens.
        const { status, errorCode, usage } = settlement;
        const outputTokens = usage?.output.total;
        if (operation !== "chat" || status !== "ok" || errorCode !== undefined) return;
        if (outputTokens === undefined) return;
        routes.answered(outputTokens);
      },
    }),
    ...(limits === undefined ? [] : [createReserveTokens(limits, parts.utf8Bytes)]),
    ...(store === undefined ? [] : [createReserveBudget({ ...parts, store })]),
  ];
  const route = createRoute(parts);
  const chat = joinRun<ChatShape>(compose<ChatShape>(stages, route));
  const embed = joinRun<EmbedShape>(compose<EmbedShape>(stages, route));
  if (limits === undefined) return { chat, embed };
  const limitRequests = createLimitRequests({ limits, refused });
  return { chat: (call) => limitRequests(call, chat), embed: (call) => limitRequests(call, embed) };
}
