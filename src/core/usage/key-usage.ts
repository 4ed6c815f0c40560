// What was used by each API key, as whoever accounts for keys asks it.

import { invalidRequest, type GatewayError } from "../errors.ts";
import { checkUsageQuestion } from "./check-usage-question.ts";
import type { DurationFigures } from "./usage-report.ts";

export interface KeyUsageQuestion {
  readonly fromMs: number;
  /** Itself left out. */
  readonly toMs: number;
  /** Absent: of live and of test keys. */
  readonly environment?: "live" | "test" | undefined;
}

/** Of the attempts at a provider. */
export interface KeyProviderUsage {
  readonly provider: string;
  /** Calls with an attempt there. */
  readonly requests: bigint;
  /** Undefined where nothing is known. */
  readonly totalTokens: bigint | undefined;
  /** What is known to have been paid; null where nothing is known. */
  readonly costNanos: bigint | null;
}

/** Tokens and cost are sums of what is known. */
export interface KeyUsage {
  readonly apiKeyId: string;
  readonly tenantId: string;
  readonly requests: bigint;
  /** Those that failed or were interrupted. */
  readonly failed: bigint;
  /** Undefined where nothing is known. */
  readonly inputTokens: bigint | undefined;
  readonly outputTokens: bigint | undefined;
  /** Input and output. */
  readonly totalTokens: bigint | undefined;
  /** Of whole calls; undefined where none has ended. */
  readonly latency: DurationFigures | undefined;
  /** Null where nothing is known. */
  readonly costNanos: bigint | null;
  /** By calls, most first, then by name. */
  readonly byProvider: readonly KeyProviderUsage[];
  /** When its last call of that time began. */
  readonly lastUsedAtMs: number;
}

export interface KeyUsageReport {
  readonly fromMs: number;
  readonly toMs: number;
  /** By calls, most first, then by tenant and id. Keys without a call, and calls without a key, are left out. */
  readonly keys: readonly KeyUsage[];
}

export const maxReportedKeys = 10_000;

/** @throws GatewayError `invalid_request` */
export function checkKeyUsageQuestion({ fromMs, toMs }: KeyUsageQuestion): void {
  checkUsageQuestion({ fromMs, toMs, groupBy: [], timeZone: "UTC", filter: {} });
}

export const tooManyKeys = (): GatewayError =>
  invalidRequest("from", `more than ${maxReportedKeys} keys were used in that time; ask for a shorter one`);

export const sumOfKnown = (first: bigint | undefined, second: bigint | undefined): bigint | undefined =>
  first === undefined || second === undefined ? (first ?? second) : first + second;
