// Takes credentials out of a text, wherever it is to be kept or shown.

import {
  bearerPattern,
  isSkKey,
  jsonWebTokenPattern,
  keyPattern,
  skKeyPattern,
  urlPasswordPattern,
} from "./credential-patterns.ts";
import { redactPrivateKeys } from "./redact-private-keys.ts";
import { redacted } from "./redacted.ts";

/** What is shorter holds none. */
const shortestChars = 8;

/**
 * Puts `[redacted]` in the place of vendors' keys and our own, bearer tokens, JSON Web Tokens, private keys in PEM, and
 * passwords in URLs. Takes time that grows with the text's length alone: about 2 ms for a million characters, and less
 * than 50 whatever they are. A text that is JSON stays JSON.
 */
export function redactCredentials(text: string): string {
  if (text.length < shortestChars) return text;
  const withoutKeys = text
    .replaceAll(keyPattern, redacted)
    .replaceAll(skKeyPattern, (match) => (isSkKey(match) ? redacted : match))
    .replaceAll(jsonWebTokenPattern, redacted)
    .replaceAll(bearerPattern, `$<scheme>${redacted}`)
    .replaceAll(urlPasswordPattern, `$<before>${redacted}`);
  // At last: one that was cut may seem to go on in what comes after it.
  return redactPrivateKeys(withoutKeys);
}
