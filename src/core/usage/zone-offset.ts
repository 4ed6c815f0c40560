// How far a time zone's clocks are ahead of UTC, from the IANA data that the runtime brings.

import { invalidRequest } from "../errors.ts";

/** Local time minus UTC at an instant, both in milliseconds. */
export type OffsetAt = (epochMs: number) => number;

const longestName = 100;

/** @throws GatewayError `invalid_request` for a zone that is not known */
export function offsetsOf(timeZone: string): OffsetAt {
  const format = formatOf(timeZone);
  if (format.resolvedOptions().timeZone === "UTC") return () => 0;
  return (epochMs) => {
    const part = new Map(format.formatToParts(epochMs).map(({ type, value }) => [type, Number(value)]));
    const get = (type: Intl.DateTimeFormatPartTypes) => part.get(type) ?? Number.NaN;
    const date = [get("year"), get("month") - 1, get("day")] as const;
    const localMs = Date.UTC(...date, get("hour"), get("minute"), get("second"));
    return localMs - Math.floor(epochMs / 1000) * 1000;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    const found = JSON.stringify(timeZone.slice(0, longestName));
    throw invalidRequest("timeZone", `${found} is not known; give an IANA name such as Europe/Berlin or UTC`);
  }
}
