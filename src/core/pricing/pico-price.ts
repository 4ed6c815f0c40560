const picosADollarAMillion = 6;
const picosADollar = 12;

/**
 * Dollars per million tokens as pico-dollars a token (1 $/M = 10⁶ p$), by the number's decimal digits: a product
 * of floats would be off by one now and then. Digits beyond a pico-dollar are rounded half-even.
 */
export function picosAToken(dollarsAMillion: number): bigint {
  return picosIn(String(dollarsAMillion), picosADollarAMillion);
}

/** The same, of a text; undefined for what has more digits than a pico-dollar allows, or is no price. */
export function exactPicosAToken(dollarsAMillion: string): bigint | undefined {
  return /^\d{1,7}(?:\.\d{1,6})?$/.test(dollarsAMillion)
    ? picosIn(dollarsAMillion, picosADollarAMillion)
    : undefined;
}

/** A decimal number of dollars as pico-dollars; undefined for what is none, or less than 0. */
export function picosOfDollars(dollars: string): bigint | undefined {
  return /^\d{1,30}(?:\.\d{1,30})?(?:e[+-]?\d{1,2})?$/i.test(dollars)
    ? picosIn(dollars.toLowerCase(), picosADollar)
    : undefined;
}

/** The decimal number times ten to the power of `places`, rounded half-even. */
function picosIn(decimal: string, places: number): bigint {
  const [digits = "0", exponentText = "0"] = decimal.split("e");
  const [whole = "0", fraction = ""] = digits.split(".");
  const shift = Number(exponentText) + places - fraction.length;
  const value = BigInt(whole + fraction);
  if (shift >= 0) return value * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  const picos = value / divisor;
  const rest = (value % divisor) * 2n;
  return rest > divisor || (rest === divisor && picos % 2n === 1n) ? picos + 1n : picos;
}
