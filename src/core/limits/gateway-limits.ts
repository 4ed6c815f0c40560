import type { LimitStore } from "./limit-store.ts";
import type { DefaultLimits } from "./limit-subjects.ts";

export interface GatewayLimits extends DefaultLimits {
  readonly store: LimitStore;
  /** `DEFAULT_OUTPUT_RESERVE`: tokens of an answer whose call names no most. */
  readonly defaultOutputReserve: number;
}
