// What providers, routes and use cases may be called, and models.

import { z } from "zod";
import { ConfigurationError } from "./configuration.ts";

const pattern = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const allowed = "must be lower-case letters, digits, `-` or `_`";

export const nameSchema = z.string().regex(pattern, allowed);

/** Whatever can be seen: it is shown to people, and may stand in logs and metrics. */
export const shownTextSchema = z
  .string()
  .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]*$/u, "must hold no character that cannot be seen");

/** A vendor's name of something. */
export const vendorNameSchema = shownTextSchema.min(1);

/** @throws ConfigurationError */
export function checkName(name: string, place: string): void {
  if (pattern.test(name)) return;
  throw new ConfigurationError(`${place}.name: ${allowed}; found ${JSON.stringify(name.slice(0, 80))}.`);
}
