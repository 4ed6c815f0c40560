// Credentials of every kind that is known, none of them anybody's. Put together of pieces, so that nobody who looks
// for keys in source texts takes them for some.

const digits = "0123456789";
const lower = "abcdefghijklmnopqrstuvwxyz";
const mixed = `${lower.slice(0, 12)}${lower.slice(12).toUpperCase()}${digits}`;
const of = (length: number, alphabet = mixed) =>
  Array.from({ length }, (_, index) => alphabet[(index * 7 + length) % alphabet.length]).join("");
const base64Url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

export const jsonWebToken = [
  base64Url({ alg: "HS256", typ: "JWT" }),
  base64Url({ sub: "1", exp: 1_900_000_000 }),
  of(43),
].join(".");

const pemLines = (chars: number) => (of(chars).match(/.{1,64}/g) ?? []).join("\n");
export const pem = (kind: string, chars = 1600): string =>
  `-----BEGIN ${kind}-----\n${pemLines(chars)}==\n-----END ${kind}-----`;

/** By what they are; each as it stands in a text. */
export const credentials: Readonly<Record<string, string>> = {
  "sk-": `sk-${of(48)}`,
  "sk-proj-": `sk-proj-${of(120)}_-${of(20)}`,
  "sk-ant-": `sk-ant-api03-${of(93)}-${of(8)}`,
  "sk-or-": `sk-or-v1-${of(64, "0123456789abcdef")}`,
  gsk_: `gsk_${of(52)}`,
  AIza: `AIza${of(35)}`,
  "xai-": `xai-${of(80)}`,
  "csk-": `csk-${of(48)}`,
  csk_: `csk_${of(48)}`,
  AKIA: `AKIA${of(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`,
  ASIA: `ASIA${of(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`,
  ABSK: `ABSK${of(120)}==`,
  ghp_: `ghp_${of(36)}`,
  github_pat_: `github_pat_${of(22)}_${of(59)}`,
  slc_live_: `slc_live_${of(49)}`,
  slc_test_: `slc_test_${of(49)}`,
  "a JSON Web Token": jsonWebToken,
  "an encrypted JSON Web Token": `${base64Url({ alg: "dir", enc: "A128GCM" })}..${of(16)}.${of(40)}.${of(22)}`,
  "a private key": pem("PRIVATE KEY"),
  "an RSA key": pem("RSA PRIVATE KEY", 12_000),
  "an encrypted key": pem("ENCRYPTED PRIVATE KEY"),
  "an OpenSSH key": pem("OPENSSH PRIVATE KEY"),
  "an OpenPGP key": pem("PGP PRIVATE KEY BLOCK"),
};
