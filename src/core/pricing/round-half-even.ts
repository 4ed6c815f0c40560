const picosANano = 1000n;

/** Pico-dollars as nano-dollars; of two that are equally near, the even one. */
export function roundHalfEven(picos: bigint): bigint {
  const nanos = picos / picosANano;
  const rest = picos % picosANano;
  const half = picosANano / 2n;
  return rest > half || (rest === half && nanos % 2n === 1n) ? nanos + 1n : nanos;
}
