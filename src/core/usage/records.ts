// The port that reads records. A principal reads its own tenant's; whoever is served without a key may name any
// tenant, and reads those of all.

import type { Principal } from "../access/principal.ts";
import type { KeyUsageQuestion, KeyUsageReport } from "./key-usage.ts";
import type { UsageQuestion, UsageReport } from "./usage-report.ts";
import type { AttemptRecord, OpenedCall, RequestStatus, Settlement } from "./ledger.ts";

/** What the database keeps of a call. While it is open, what only its end tells is undefined. */
export type RequestRecord = Omit<OpenedCall, "requestBody"> &
  Partial<Omit<Settlement, keyof OpenedCall | "status" | "replyBody">> & {
    readonly status: RequestStatus;
    readonly attemptRecords: readonly AttemptRecord[];
  };

/** What was kept of a call's content, as JSON text; a body that was too long is cut, and says so. */
export interface KeptBodies {
  readonly request: string | undefined;
  readonly requestCut: boolean;
  readonly reply: string | undefined;
  readonly replyCut: boolean;
}

export interface RequestFilter {
  readonly tenant?: string | undefined;
  readonly status?: RequestStatus | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly route?: string | undefined;
  readonly useCase?: string | undefined;
  readonly environment?: OpenedCall["environment"] | undefined;
  readonly apiKeyId?: string | undefined;
  readonly userId?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

export interface RequestPage {
  /** Newest first. */
  readonly records: readonly RequestRecord[];
  readonly hasMore: boolean;
}

export interface Records {
  /** `after` is the id of the last record of the page before; `first` is 1 to 200. */
  requests(
    principal: Principal,
    query: { readonly first: number; readonly after?: string | undefined; readonly filter: RequestFilter },
  ): Promise<RequestPage>;
  request(principal: Principal, id: string): Promise<RequestRecord | undefined>;
  bodies(principal: Principal, id: string): Promise<KeptBodies | undefined>;
  /** @throws GatewayError `invalid_request` for times, zones or intervals that make no report */
  usage(principal: Principal, question: UsageQuestion): Promise<UsageReport>;
  /** @throws GatewayError `invalid_request` for times that make no report, or in which too many keys were used */
  usageByKey(principal: Principal, question: KeyUsageQuestion): Promise<KeyUsageReport>;
}
