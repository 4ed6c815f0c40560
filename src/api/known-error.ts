// The one way in which front ends turn what was thrown into what callers may see.

import { type GatewayError, type ReportFault, toGatewayError } from "../core/errors.ts";

/** Of what nobody foresaw the caller sees `internal`, and the log hears of it: once, a known error is none. */
export type KnownError = (error: unknown) => GatewayError;

/** Without `reportFault` nobody hears of it. */
export const createKnownError =
  (reportFault: ReportFault = () => {}): KnownError =>
  (error) => {
    const known = toGatewayError(error);
    if (known !== error) reportFault(error, {});
    return known;
  };
