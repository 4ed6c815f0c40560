/** Of entries that are loaded at a time: as many as the longest page has. */
export const maxBatch = 200;
