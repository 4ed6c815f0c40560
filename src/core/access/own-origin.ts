import type { Presented } from "./access.ts";

/** Whether the `Origin` is the gateway's own, by the name and the scheme that its client knows it by. */
export function isOwnOrigin({ origin, host, secure }: Omit<Presented, "credential">): boolean {
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (page.protocol !== "http:" && page.protocol !== "https:") return false;
  if (secure !== undefined && secure !== (page.protocol === "https:")) return false;
  const own = `${page.protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === page.host;
}
