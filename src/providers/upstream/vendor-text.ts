// A vendor's words as they may be shown and kept: short, and without anything that looks like a key.

const maxChars = 500;

const secretPattern =
  /\b(?:sk|pk|rk|gsk|xai)[-_][\w.*-]{6,}|\bAIza[\w-]{10,}|\beyJ[\w-]{6,}\.[\w.-]+|\bBearer\s+[^\s"',]+|(?<=api[ _-]?key provided: )[^\s,]{2,}/gi;

const pagePattern = /^\s*<(?:!doctype|\?xml|html|head|body)\b/i;

/** At most 500 characters. Empty for a page made for people, which a proxy may have put into an error's words. */
export function tidyVendorText(text: string): string {
  if (pagePattern.test(text)) return "";
  // Cut once before the search, so that a long text costs nothing, and once after it.
  const safe = text
    .slice(0, 4 * maxChars)
    .replaceAll(secretPattern, "[redacted]")
    .trim();
  return safe.length > maxChars ? `${safe.slice(0, maxChars)}…` : safe;
}

/** Whether a body is a page, made for people by the vendor or a proxy on the way: it says nothing that helps. */
export const isPage = (body: string): boolean => /^\s*</.test(body);

/** The words of an error's body that is no JSON. */
export const wordsOfPlain = (body: string): string => (isPage(body) ? "" : tidyVendorText(body));
