// What the route of a call is given.

import type { AuditTrail } from "../directory/audit.ts";
import type { ModelLists } from "../model-lists.ts";
import type { AttemptPorts } from "./attempt.ts";
import type { RouteStates } from "./route-states.ts";
import type { TargetStates } from "./targets/target-states.ts";

export interface RoutePorts extends AttemptPorts {
  readonly modelLists: ModelLists;
  readonly auditTrail: AuditTrail;
  readonly states: TargetStates;
  readonly routes: RouteStates;
  /** 0 to 1, 1 excluded. */
  readonly random: () => number;
}
