// When a second target is started beside a slow one, and whether it may be.

import type { Call } from "../call.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { HedgePolicy, Target } from "../snapshot.ts";
import type { Delivery } from "../provider.ts";
import { nanosAt, sizeOf } from "./strategies/order-of-targets.ts";
import type { RoutePorts } from "./route-ports.ts";
import type { TargetState } from "./targets/target-state.ts";

/** Undefined while too little is known of the target. */
export function hedgeDelayMs(
  { after }: HedgePolicy,
  { latency }: TargetState,
  delivery: Delivery,
): number | undefined {
  if (after !== "p95") return after.ms;
  return delivery === "streamed" ? latency.p95Ms() : latency.p95WholeMs();
}

/** Whether the second attempt stays below what it may cost; one without a price does not where there is a limit. */
export function withinCost<S extends OperationShape>(hedge: {
  readonly call: Call<S>;
  readonly target: Target;
  readonly policy: HedgePolicy;
  readonly routes: RoutePorts["routes"];
}): boolean {
  const { call, target, policy, routes } = hedge;
  if (policy.maxCostNanos === undefined) return true;
  const nanos = nanosAt(target, sizeOf(call, { routes }), call);
  return nanos !== undefined && nanos <= Number(policy.maxCostNanos);
}
