// What credentials look like. Each pattern takes time that grows with the text alone: what repeats is one class of
// characters, and whatever has to follow it is none of them, or is looked for within a fixed distance.

/** V8 keeps a place to come back to for each character of `c{n,}`, and fails when they are too many; of `c*` none. */
const atLeast = (count: number, characters: string) => `${characters}{${count}}${characters}*`;

/** After these nothing begins, unless they are the end of an escape of JSON or of a URL. */
const notAfter = (characters: string) =>
  String.raw`(?:(?<!${characters})|(?<=\\[bfnrt]|\\u[\dA-Fa-f]{4}|%[\dA-Fa-f]{2}))`;

const word = String.raw`\w`;
const wordOrDash = String.raw`[\w-]`;
const letterOrDigit = "[A-Za-z0-9]";

/** How keys begin, and of what they consist from there on. */
const keyForms: readonly string[] = [
  `gsk_${atLeast(16, word)}`,
  `AIza${atLeast(20, wordOrDash)}`,
  `xai-${atLeast(16, wordOrDash)}`,
  // Cerebras: old keys and new ones.
  `csk[_-]${atLeast(16, wordOrDash)}`,
  `(?:AKIA|ASIA)[A-Z0-9]{16}(?!${letterOrDigit})`,
  String.raw`ABSK${atLeast(20, String.raw`[\w+/]`)}={0,2}`,
  `gh[oprsu]_${atLeast(16, word)}`,
  `github_pat_${atLeast(16, word)}`,
  `slc_(?:live|test)_${atLeast(8, wordOrDash)}`,
];

export const keyPattern = new RegExp(`${notAfter(letterOrDigit)}(?:${keyForms.join("|")})`, "g");

/** Names with dashes may begin so too, as classes of style sheets do: they have neither digits nor capitals. */
export const skKeyPattern = new RegExp(`${notAfter(letterOrDigit)}sk-${atLeast(12, wordOrDash)}`, "g");

export const isSkKey = (match: string): boolean => /[\dA-Z]/.test(match);

/** RFC 7519 and 7516: three to five parts, of which the first is an object of JSON in Base64url. */
export const jsonWebTokenPattern = new RegExp(
  String.raw`${notAfter(wordOrDash)}eyJ${atLeast(8, wordOrDash)}(?:\.${wordOrDash}*){2,4}`,
  "g",
);

const tokenCharacter = String.raw`[\w.~+/-]`;

/** RFC 6750, 2.1. A word of a sentence is shorter, or has no digit. The scheme stays. */
export const bearerPattern = new RegExp(
  String.raw`(?<scheme>bearer[ \t]{1,8})(?:(?=${tokenCharacter}{0,63}\d)${atLeast(8, tokenCharacter)}|${atLeast(24, tokenCharacter)})={0,2}`,
  "gi",
);

/**
 * RFC 3986, 3.2.1; of the password also what should have been escaped, but a slash. What stands before it, and the @
 * behind it, stay.
 */
export const urlPasswordPattern = /(?<before>:(?:\\?\/){2}[^\s/?#@:"'<>\\]{0,256}:)[^\s/"'<>\\]{1,512}(?=@)/g;

/** RFC 7468, 10 and 11, and what came before it; also OpenPGP's (RFC 9580, 6.2). */
export const privateKeyBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
export const privateKeyEnd = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
