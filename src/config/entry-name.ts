// What providers, routes and use cases may be called.

import { z } from "zod";
import { ConfigurationError } from "./configuration.ts";

const pattern = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const allowed = "must be lower-case letters, digits, `-` or `_`";

export const nameSchema = z.string().regex(pattern, allowed);

/** @throws ConfigurationError */
export function checkName(name: string, place: string): void {
  if (pattern.test(name)) return;
  throw new ConfigurationError(`${place}.name: ${allowed}; found ${JSON.stringify(name.slice(0, 80))}.`);
}
