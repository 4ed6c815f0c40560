// A JSON web token by its form (RFC 7515, 3.1): what its header claims. Nothing is believed yet.

/** Longer ones are no token of anybody's. */
export const maxTokenChars = 8_192;

const maxHeaderChars = 2_048;

/** Whether it has a token's form, whatever its header says. Keys of other gateways have dots too. */
export const isOfTokenForm = (credential: string): boolean => /^ey[\w-]*\.[\w-]+\.[\w-]*$/.test(credential);

/** The algorithm that a token's header names, `none` where it names none; undefined: it is no token. */
export type AlgorithmReader = (credential: string) => string | undefined;

/** Most tokens have the same header as the one before: it is parsed once. */
export function createAlgorithmReader(): AlgorithmReader {
  let last: { readonly header: string; readonly algorithm: string | undefined } | undefined;
  return (credential) => {
    const header = headerOf(credential);
    if (header === undefined) return undefined;
    if (last?.header !== header) last = { header, algorithm: algorithmOf(header) };
    return last.algorithm;
  };
}

function headerOf(credential: string): string | undefined {
  // Every JSON object begins so in base64.
  if (!credential.startsWith("ey")) return undefined;
  const first = credential.indexOf(".");
  const second = credential.indexOf(".", first + 1);
  const hasThreeParts = first !== -1 && second !== -1 && !credential.includes(".", second + 1);
  return hasThreeParts && first <= maxHeaderChars ? credential.slice(0, first) : undefined;
}

function algorithmOf(header: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
    if (typeof parsed !== "object" || parsed === null) return undefined;
    return "alg" in parsed && typeof parsed.alg === "string" ? parsed.alg : "none";
  } catch {
    return undefined;
  }
}

/** Whether it is made and checked with one and the same secret, which only the gateway itself has. */
export const isSymmetric = (algorithm: string): boolean => algorithm.startsWith("HS");
