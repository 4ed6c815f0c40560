import type { CallWords } from "../client.ts";

/** What HTTP callers tell of a call in headers. */
export const callHeaders = ({ credential, correlationId, timeoutMs }: CallWords): Record<string, string> => ({
  ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
  ...(correlationId === undefined ? {} : { "x-request-id": correlationId }),
  ...(timeoutMs === undefined ? {} : { "x-sluice-timeout-ms": String(timeoutMs) }),
});
