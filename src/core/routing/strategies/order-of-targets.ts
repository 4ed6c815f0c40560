// The order in which one call asks its targets: its route's strategy over what is known of them now.

import type { Call } from "../../call.ts";
import type { OperationShape } from "../../operation-shape.ts";
import type { Target } from "../../snapshot.ts";
import { type CallSize, expectedNanos, expectedSize } from "./call-size.ts";
import { defaultRoutePolicy } from "../default-policies.ts";
import type { ResolvedModel } from "../resolve-model.ts";
import type { RoutePorts } from "../route-ports.ts";
import { type Candidate, type Ordering, orderTargets } from "./order-targets.ts";

export interface OrderOptions<S extends OperationShape> {
  readonly call: Call<S>;
  readonly resolved: ResolvedModel;
  readonly ports: Pick<RoutePorts, "states" | "routes" | "random">;
}

/** Those that are not ready come last: a strategy compares the ready ones. */
export function orderOf<S extends OperationShape>(options: OrderOptions<S>): Ordering {
  const { call, resolved, ports } = options;
  const targets = interchangeable(resolved.targets, call);
  const { strategy } = resolved;
  if (targets.length < 2 || strategy === "priority") return { targets, choice: undefined };
  const route = ports.routes.of(resolved.route);
  const size = sizeOf(call, ports);
  const ready: Candidate[] = [];
  const others: Target[] = [];
  for (const target of targets) {
    if (ports.states.of(target).obstacle(target) === undefined)
      ready.push(candidateOf(target, size, options));
    else others.push(target);
  }
  const ordering = orderTargets({
    strategy,
    weights: (resolved.policy ?? defaultRoutePolicy).smartWeights,
    candidates: ready,
    turn: route.turn,
    random: ports.random,
  });
  route.turn += 1;
  return { targets: [...ordering.targets, ...others], choice: ordering.choice };
}

/** Those whose answer may stand in for that of the first, as the configuration has it. */
function interchangeable<S extends OperationShape>(
  targets: readonly Target[],
  { operation }: Call<S>,
): readonly Target[] {
  const [first] = targets;
  if (first === undefined || targets.length === 1) return targets;
  return targets.filter((target) => target === first || operation.interchangeable(first, target));
}

export const sizeOf = <S extends OperationShape>(
  { operation, request }: Call<S>,
  { routes }: Pick<RoutePorts, "routes">,
): CallSize => expectedSize(operation.size(request), routes.outputTokens);

function candidateOf<S extends OperationShape>(
  target: Target,
  size: CallSize,
  { call, resolved, ports }: OrderOptions<S>,
): Candidate {
  const { latency, bulkhead } = ports.states.of(target);
  const measuresCost = resolved.strategy === "lowest_cost" || resolved.strategy === "smart";
  return {
    target,
    inFlight: bulkhead.inFlight(),
    cold: latency.isCold(),
    expectedMs: latency.expectedMs(size.outputTokens),
    expectedNanos: measuresCost ? nanosAt(target, size, call) : undefined,
  };
}

/** What the call is expected to cost at the target; undefined where it has no price. */
export function nanosAt<S extends OperationShape>(
  { provider, model }: Target,
  size: CallSize,
  { snapshot, createdAtMs }: Call<S>,
): number | undefined {
  const price = snapshot.prices.find({
    provider: provider.name,
    kind: provider.kind,
    model,
    modelServed: undefined,
    atMs: createdAtMs,
    inputTokens: size.inputTokens,
  });
  return price === undefined ? undefined : expectedNanos(size, price);
}
