/** Letters and digits: a secret of these alone is one word wherever it is written. */
export const base62Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const base = BigInt(base62Digits.length);

/** The bytes as one number, the first digit the highest; as many digits as the longest number of so many bytes has. */
export function base62(bytes: Uint8Array): string {
  const length = Math.ceil((bytes.length * 8) / Math.log2(base62Digits.length));
  let rest = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  let text = "";
  for (let i = 0; i < length; i += 1) {
    text = base62Digits.charAt(Number(rest % base)) + text;
    rest /= base;
  }
  return text;
}
