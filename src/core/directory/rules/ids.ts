// Ids as callers name them. What cannot be one is not asked for: a database may not even take it as a question.

import { platformTrail } from "../audit.ts";
import type { Fault } from "./faults.ts";

const slugForm = /^[a-z0-9-]{1,63}$/;
const uuidForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const isSlug = (text: string): boolean => slugForm.test(text);

export const isUuid = (text: string): boolean => uuidForm.test(text);

/** Of a new tenant. */
export function slugFault(id: string): Fault {
  if (!isSlug(id)) return "must have 1 to 63 characters: lower-case letters, digits and -";
  return id === platformTrail ? `${platformTrail} is the name of the gateway's own audit trail` : undefined;
}
