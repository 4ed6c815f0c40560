// The last stage of a call: finds its targets and lets them answer.

import type { Call } from "../call.ts";
import { GatewayError } from "../errors.ts";
import { EventsAtOnce } from "../events-at-once.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Reply } from "../reply.ts";
import type { Snapshot } from "../snapshot.ts";
import { targetsOf } from "./find-targets.ts";
import type { RoutePorts } from "./route-ports.ts";
import { RouteRun } from "./route-run.ts";
import { RunEvents } from "./run-events.ts";

/**
 * Resolves when a target has committed to an answer: at its first event with content for a stream, when
 * it is complete for a unary call. What came of targets that were given up is not seen by anyone.
 */
export const createRoute =
  (ports: RoutePorts) =>
  async <S extends OperationShape>(call: Call<S>): Promise<Reply<S["event"]>> => {
    const found = targetsOf(call, ports);
    const resolved = found instanceof Promise ? await found : found;
    if (resolved.targets.length === 0) throw noTarget(call.snapshot);
    if (resolved.policy?.hedge !== undefined) ports.routes.of(resolved.route).hedges.call();
    const run = new RouteRun(call, resolved, ports);
    const committed = await run.commit();
    if (committed.rest !== undefined)
      return { meta: call.account.meta(), events: new RunEvents(run, committed) };
    const { held } = committed;
    return { meta: call.account.wholeMeta(), events: new EventsAtOnce(() => Promise.resolve(held)) };
  };

const noTarget = ({ providers }: Snapshot) =>
  new GatewayError({
    code: "unavailable",
    message:
      providers.size === 0
        ? "No provider is configured. Give the gateway the key of one; its README lists the variables."
        : "No provider has a model yet. Name one as provider/model; /ready tells what is missing.",
  });
