// `Cache-Control` of a request (RFC 9111, 5.2.1), as wishes of the gateway's cache.

import type { CacheControl } from "../core/call.ts";
import { maxWishedAge } from "../core/check-wishes.ts";
import { invalidRequest } from "../core/errors.ts";

/** A directive's name; its argument as a quoted string, or as it is. */
const directive = /([^\s,="]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*)))?/g;

/**
 * Undefined: it says nothing that is read here. Other directives are ignored, as the standard asks.
 * @throws GatewayError `invalid_request`
 */
export function parseCacheControl(header: string): CacheControl | undefined {
  const said = new Set<string>();
  let maxAgeSeconds: number | undefined;
  for (const [, name = "", quoted, plain] of header.matchAll(directive)) {
    const known = name.toLowerCase();
    said.add(known);
    // Of several the first one counts (4.2.1).
    if (known === "max-age") maxAgeSeconds ??= secondsOf(quoted ?? plain ?? "");
  }
  const mode = modeOf(said);
  return mode === "default" && maxAgeSeconds === undefined ? undefined : { mode, maxAgeSeconds };
}

function modeOf(said: ReadonlySet<string>): CacheControl["mode"] {
  const fresh = said.has("no-store") ? "no_store" : said.has("no-cache") ? "no_cache" : "default";
  if (!said.has("only-if-cached")) return fresh;
  if (fresh === "default") return "only_if_cached";
  throw invalidRequest(
    "cache-control",
    "asks for a kept answer by only-if-cached, and for a fresh one by no-cache or no-store; send one of them",
  );
}

/** One that is too large to be counted is the largest that can be (1.2.2). */
function secondsOf(text: string): number {
  if (/^\d+$/.test(text)) return Math.min(Number(text), maxWishedAge);
  throw invalidRequest("cache-control", "max-age must be a whole number of seconds, as max-age=60");
}
