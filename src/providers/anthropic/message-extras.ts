// Members of a message that the core has no place for: a container, context edits, details of a refusal.

import type { ProviderChatEvent } from "../../core/chat/events.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { isJsonObject, stringIn } from "../vendor-json.ts";
import { opaquePart } from "./blocks.ts";
import type { NextIndex } from "./blocks.ts";

const placed: ReadonlySet<string> = new Set([
  "id",
  "type",
  "role",
  "content",
  "model",
  "stop_reason",
  "stop_sequence",
  "usage",
  "delta",
]);

export interface MessageExtras {
  /** Of a message, or of an event that brings members of it later; the last value counts. */
  add(members: JsonObject): void;
  /** A refusal's explanation as a refusal part, and every member as an opaque part of its own. */
  parts(nextIndex: NextIndex): readonly ProviderChatEvent[];
}

export function createMessageExtras(): MessageExtras {
  const extras = new Map<string, JsonValue>();
  return {
    add(members) {
      for (const [name, value] of Object.entries(members)) {
        if (!placed.has(name) && value !== null) extras.set(name, value);
      }
    },
    parts: (nextIndex) => [
      ...refusalPart(extras.get("stop_details"), nextIndex),
      ...[...extras].flatMap(([type, json]) => opaquePart({ type, json }, nextIndex)),
    ],
  };
}

function refusalPart(details: JsonValue | undefined, nextIndex: NextIndex): readonly ProviderChatEvent[] {
  if (!isJsonObject(details) || details["type"] !== "refusal") return [];
  const text = stringIn(details["explanation"]) ?? "";
  if (text === "") return [];
  const index = nextIndex();
  return [
    { type: "part_started", index, part: { kind: "refusal" } },
    { type: "part_delta", index, text },
    { type: "part_finished", index },
  ];
}
