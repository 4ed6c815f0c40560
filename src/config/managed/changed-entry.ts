// Entries of providers and routes as a change makes them. Pure.

import { invalidRequest } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { ProviderInput, RouteInput } from "../../core/managed/settings-input.ts";
import { providerKeys } from "../provider-schema.ts";

/** @throws GatewayError for one of the common keys among those that only a kind has */
export function changedProvider(before: JsonObject, { settings, ...common }: ProviderInput): JsonObject {
  const entry = new Map(Object.entries(before));
  // One takes the other's place.
  if (isGiven(common.apiKey)) entry.delete("apiKeys");
  if (isGiven(common.apiKeys)) entry.delete("apiKey");
  change(entry, common);
  if (settings === null) {
    for (const key of entry.keys()) if (!providerKeys.includes(key)) entry.delete(key);
  }
  for (const key of Object.keys(settings ?? {})) {
    if (key === "__proto__") throw invalidRequest(`settings.${key}`, "is no key");
    if (!providerKeys.includes(key)) continue;
    throw invalidRequest(`settings.${key}`, "is written beside settings, not in it");
  }
  change(entry, settings ?? {});
  return Object.fromEntries(entry);
}

export function changedRoute(before: JsonObject, input: RouteInput): JsonObject {
  const entry = new Map(Object.entries(before));
  change(entry, input);
  return Object.fromEntries(entry);
}

function change(entry: Map<string, JsonValue>, input: object): void {
  for (const [key, value] of Object.entries(input)) {
    if (value === undefined) continue;
    const written = withoutNulls(value);
    if (written === undefined) entry.delete(key);
    else entry.set(key, written);
  }
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** What says nothing is not written down. Undefined: all of it does. */
function withoutNulls(value: unknown): JsonValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number") return value;
  if (Array.isArray(value)) return value.map((item: unknown) => withoutNulls(item) ?? null);
  if (typeof value !== "object") return undefined;
  const members = Object.entries(value).map(([key, member]) => [key, withoutNulls(member)] as const);
  return Object.fromEntries(members.filter(hasValue));
}

const hasValue = (member: readonly [string, JsonValue | undefined]): member is readonly [string, JsonValue] =>
  member[1] !== undefined;
