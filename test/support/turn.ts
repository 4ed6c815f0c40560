/** Everything that waits for no clock comes to pass. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
