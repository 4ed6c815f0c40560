/** Recorded vendor traffic, and the shape of a JSON value to compare with it. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import { isRecord } from "../../src/demo/json-value.ts";

const folder = resolve(process.env["SLUICE_FIXTURES"] ?? "../shared/fixtures");

export const hasRecordings = existsSync(folder);

export function recordedBody(name: string): string {
  const recorded: unknown = JSON.parse(readFileSync(resolve(folder, `${name}.json`), "utf8"));
  const response = isRecord(recorded) ? recorded["response"] : undefined;
  const body = isRecord(response) ? response["body"] : undefined;
  if (typeof body !== "string") throw new Error(`${name} has no text body`);
  return body;
}

/** Keys and types without values; of an array, the shapes that occur in it. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(shapeOf(item))))].sort();
  if (!isRecord(value)) return value === null ? "null" : typeof value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, shapeOf(value[key])]));
}
