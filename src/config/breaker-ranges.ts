// What a breaker's figures may be, wherever they are written.

type Range = readonly [min: number, max: number];

export const failureThresholdRange: Range = [1, 1_000];
export const resetTimeoutSecondsRange: Range = [1, 86_400];
