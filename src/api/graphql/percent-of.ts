/** As it was written: 0.07 × 100 is not quite 7. */
export const percentOf = (share: number): number => Number((share * 100).toPrecision(12));
