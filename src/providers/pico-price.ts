const picosADollarAMillion = 6;

/**
 * Dollars per million tokens as pico-dollars a token (1 $/M = 10⁶ p$), by the number's decimal digits: a product
 * of floats would be off by one now and then. Digits beyond a pico-dollar are rounded half-even.
 */
export function picosAToken(dollarsAMillion: number): bigint {
  const [digits = "0", exponentText = "0"] = String(dollarsAMillion).split("e");
  const [whole = "0", fraction = ""] = digits.split(".");
  const shift = Number(exponentText) + picosADollarAMillion - fraction.length;
  const value = BigInt(whole + fraction);
  if (shift >= 0) return value * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  const picos = value / divisor;
  const rest = (value % divisor) * 2n;
  return rest > divisor || (rest === divisor && picos % 2n === 1n) ? picos + 1n : picos;
}
