// Numbers of the YAML file, refused in words that say the whole range.

import { z } from "zod";

export const wholeNumber = (min: number, max: number) =>
  z.custom<number>(
    (value) => Number.isSafeInteger(value) && isWithin(value, min, max),
    `must be a whole number from ${min} to ${max}`,
  );

export const numberFrom = (min: number, max: number) =>
  z.custom<number>((value) => isWithin(value, min, max), `must be a number from ${min} to ${max}`);

const isWithin = (value: unknown, min: number, max: number): boolean =>
  typeof value === "number" && value >= min && value <= max;
