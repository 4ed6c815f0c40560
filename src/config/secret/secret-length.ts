/** As many as the keys have that are made of it. */
export const secretMinBytes = 32;
