// The schema's builder: what resolvers are given, and the scalars.

import SchemaBuilder from "@pothos/core";
import type { Gateway } from "../../core/gateway.ts";
import type { JsonValue } from "../../core/json.ts";
import type { ReplyMeta } from "../../core/reply.ts";
import type { Caller } from "../caller.ts";
import { parseDateTime, parseJson, parseWhole, writeDateTime, writeWhole } from "./scalars.ts";

export interface GraphqlContext {
  readonly gateway: Gateway;
  readonly caller: Caller;
  /** Aborted when nobody waits for the operation's results any more. */
  readonly signal: AbortSignal;
  /** What is known of the operation's last call, for the answer's headers. */
  replyMeta: ReplyMeta | undefined;
  /** What it has shown of vectors: see vector-budget.ts. */
  shownVectors: number;
}

export const builder = new SchemaBuilder<{
  Context: GraphqlContext;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    JSON: { Input: JsonValue; Output: JsonValue };
    Long: { Input: bigint; Output: number | bigint };
    Nanos: { Input: bigint; Output: bigint };
    DateTime: { Input: number; Output: number };
  };
}>({ defaultFieldNullability: false });

builder.scalarType("JSON", {
  description: "Any JSON value.",
  coerceOutputValue: (value) => value,
  coerceInputValue: parseJson,
});

builder.scalarType("Long", {
  description:
    "A whole number of 64 bits: written as a decimal string, read as a decimal string or a number.",
  coerceOutputValue: writeWhole,
  coerceInputValue: parseWhole,
});

builder.scalarType("Nanos", {
  description: "10⁻⁹ US dollars: written as a decimal string, read as a decimal string or a number.",
  coerceOutputValue: writeWhole,
  coerceInputValue: parseWhole,
});

builder.scalarType("DateTime", {
  description: "A point in time, as 2026-01-31T12:00:00.000Z (ISO 8601).",
  coerceOutputValue: writeDateTime,
  coerceInputValue: parseDateTime,
});

builder.queryType({ description: "What the gateway serves, and what it has on record." });
builder.mutationType({ description: "Calls that are answered once, and changes of providers and routes." });
builder.subscriptionType({ description: "Calls that are answered event by event." });
