// What the caller wrote for this vendor alone, where the request has not said it already.

import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { LossList } from "../loss-list.ts";
import { isJsonArray, isJsonObject } from "../vendor-json.ts";
import type { GeminiRequestBody } from "./wire.ts";

interface Given {
  readonly options: JsonObject;
  readonly losses: LossList;
}

const root = "providerOptions.gemini";
const config = `${root}.generationConfig`;

/** Objects are joined member by member, and the caller's tools stand behind the request's. */
export function mergeOptions(own: GeminiRequestBody, { options, losses }: Given): GeminiRequestBody {
  const { tools, ...rest } = options;
  const merged = joined(own, { options: rest, path: root, losses });
  if (tools === undefined) return { ...own, ...merged };
  if (own.tools === undefined) return { ...own, ...merged, ...asMember("tools", tools) };
  if (!isJsonArray(tools)) {
    losses.add(`${root}.tools`, "Dropped: it is no list, and the request itself has tools.");
    return { ...own, ...merged };
  }
  return { ...own, ...merged, ...asMember("tools", [...own.tools, ...tools]) };
}

const asMember = (name: string, value: unknown): object => Object.fromEntries([[name, value]]);

interface Joining extends Given {
  readonly path: string;
}

function joined(own: object, { options, path, losses }: Joining): object {
  const set = new Map<string, unknown>(Object.entries(own).filter(([, value]) => value !== undefined));
  for (const [name, value] of Object.entries(options)) {
    const before = set.get(name);
    const field = `${path}.${name}`;
    if (name === "candidateCount" && path === config && value !== 1) {
      losses.add(field, "Dropped: a reply here has one candidate. Send the call several times instead.");
    } else if (before !== undefined && !bothObjects(before, value)) {
      losses.add(field, "Dropped: the request sets it already.");
    } else {
      const target = field === config ? (before ?? {}) : before;
      set.set(
        name,
        isPlainObject(target) && isJsonObject(value)
          ? joined(target, { options: value, path: field, losses })
          : value,
      );
    }
  }
  // Not by assignment: a key may be `__proto__`.
  return Object.fromEntries(set);
}

const isPlainObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const bothObjects = (before: unknown, value: JsonValue): boolean =>
  isPlainObject(before) && isJsonObject(value);
