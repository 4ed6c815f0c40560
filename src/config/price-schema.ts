// What the YAML file may say of a price.

import { z } from "zod";
import { exactPicosAToken } from "../core/pricing/pico-price.ts";

/** Numbers are taken by the digits that they are written with: a sum of floats would be off now and then. */
const dollars = z.unknown().transform((value, context): bigint => {
  const text = typeof value === "number" ? String(value) : value;
  const picos = typeof text === "string" ? exactPicosAToken(text) : undefined;
  if (picos !== undefined) return picos;
  const message = "must be dollars per million tokens, 0 or more, with at most 6 digits after the point";
  context.issues.push({ code: "custom", message, input: value });
  return z.NEVER;
});

const prices = {
  input: dollars,
  output: dollars.optional(),
  cacheRead: dollars.optional(),
  cacheWrite: dollars.optional(),
  cacheWriteLong: dollars.optional(),
  inputAudio: dollars.optional(),
  cacheReadAudio: dollars.optional(),
  reasoning: dollars.optional(),
  outputAudio: dollars.optional(),
};

const time = z.unknown().transform((value, context): number => {
  const timeMs = typeof value === "string" ? epochMsOf(value) : undefined;
  if (timeMs !== undefined) return timeMs;
  const message = "must be a date as 2026-07-01, or a time as 2026-07-01T12:00:00Z";
  context.issues.push({ code: "custom", message, input: value });
  return z.NEVER;
});

export const tierSchema = z.strictObject({
  tokens: z.int().min(1),
  ...prices,
  input: dollars.optional(),
});

export const versionSchema = z.strictObject({
  from: time.optional(),
  ...prices,
  above: z.array(tierSchema).min(1).optional(),
});

export const versionsSchema = z.array(versionSchema).min(1);

export type FileVersion = z.infer<typeof versionSchema>;

/** A day, or a time with seconds, in UTC. */
function epochMsOf(text: string): number | undefined {
  const [, day, time = "T00:00:00Z"] = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}Z)?$/.exec(text) ?? [];
  const timeMs = day === undefined ? Number.NaN : Date.parse(day + time);
  // A day that no month has is counted on into the next one.
  const isDay = !Number.isNaN(timeMs) && new Date(timeMs).toISOString().startsWith(day ?? "");
  return isDay ? timeMs : undefined;
}
