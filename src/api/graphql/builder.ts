// The schema's builder: what resolvers are given, and the scalars.

import SchemaBuilder from "@pothos/core";
import DataloaderPlugin from "@pothos/plugin-dataloader";
import ErrorsPlugin from "@pothos/plugin-errors";
import RelayPlugin from "@pothos/plugin-relay";
import ScopeAuthPlugin from "@pothos/plugin-scope-auth";
import type { Gateway } from "../../core/gateway.ts";
import type { JsonValue } from "../../core/json.ts";
import type { ReplyMeta } from "../../core/reply.ts";
import type { EventIds } from "./event-ids.ts";
import { parseDateTime, parseJson, parseWhole, writeDateTime, writeWhole } from "./scalars.ts";
import { type Asker, scopeChecks, type Scopes } from "./scopes.ts";

export interface GraphqlContext extends Asker {
  readonly gateway: Gateway;
  /** Aborted when nobody waits for the operation's results any more. */
  readonly signal: AbortSignal;
  /** What is known of the operation's last call, for the answer's headers. */
  replyMeta: ReplyMeta | undefined;
  /** Absent where results do not go out as server-sent events. */
  readonly eventIds?: EventIds | undefined;
  /** What it has shown of vectors: see vector-budget.ts. */
  shownVectors: number;
}

export const builder = new SchemaBuilder<{
  Context: GraphqlContext;
  AuthScopes: Scopes;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    JSON: { Input: JsonValue; Output: JsonValue };
    Long: { Input: bigint; Output: number | bigint };
    Nanos: { Input: bigint; Output: bigint };
    DateTime: { Input: number; Output: number };
  };
}>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, DataloaderPlugin],
  defaultFieldNullability: false,
  // A subscription is refused before it begins, and its events cost nothing more.
  scopeAuth: { authScopes: scopeChecks, authorizeOnSubscribe: true },
  errors: {
    directResult: true,
    defaultUnionOptions: {
      name: ({ fieldName }) => `${fieldName.slice(0, 1).toUpperCase()}${fieldName.slice(1)}Result`,
      description: "What the change has made of it, or why it could not be.",
    },
  },
  relay: {
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    edgesFieldOptions: { nullable: false, description: "In the list's order." },
    nodeFieldOptions: { nullable: false },
    cursorFieldOptions: { description: "What `after` takes to go on behind it." },
    pageInfoTypeOptions: { description: "Where a page stands in its list." },
    pageInfoFieldOptions: { description: "Where it stands in the list." },
    hasNextPageFieldOptions: { description: "More come behind it." },
    hasPreviousPageFieldOptions: { description: "It was asked for with `after`." },
    startCursorFieldOptions: { description: "Of its first entry; null on an empty page." },
    endCursorFieldOptions: {
      description: "Of its last entry: what `after` takes for the next page; null on an empty page.",
    },
  },
});

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

builder.queryType({
  description: "What the gateway serves, whom it serves, and what it has on record.",
});
builder.mutationType({
  description: "Calls that are answered once, log-in, and changes of what the gateway keeps.",
});
builder.subscriptionType({ description: "Calls that are answered event by event." });
