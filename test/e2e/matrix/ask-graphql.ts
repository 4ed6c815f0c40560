// Asks by GraphQL: a POST for queries and mutations, an event stream or a websocket for subscriptions.

import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { z } from "zod";
import { errorTable, type ErrorCode } from "../../../src/core/errors.ts";
import { type RootField, rootFields } from "../../api/graphql/sample-document.ts";
import type { Answer, Outcome } from "./outcome.ts";
import type { Caller } from "./tenants.ts";
import { wholeDocument } from "./whole-document.ts";

export type Variables = Readonly<Record<string, unknown>>;

const { QUERY, MUTATION, SUBSCRIPTION } = OperationTypeNode;

export const everyField = rootFields([QUERY, MUTATION, SUBSCRIPTION]);

export const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code);

const errorSchema = z.object({
  message: z.string(),
  path: z.array(z.union([z.string(), z.number()])).optional(),
  extensions: z.object({ code: z.string() }),
});

const resultSchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(errorSchema).optional(),
});

type Result = z.infer<typeof resultSchema>;

export async function askGraphql(
  baseUrl: string,
  root: RootField,
  asked: {
    readonly variables: Variables;
    readonly caller: Caller;
    /** Where it comes from, as a proxy tells it. */
    readonly address: string;
  },
): Promise<Answer> {
  const { variables, address } = asked;
  const { credential, permissions = new Set() } = asked.caller;
  const response = await fetch(`${baseUrl}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-forwarded-for": address,
      accept: root.operation === SUBSCRIPTION ? "text/event-stream" : "application/json",
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
    },
    body: JSON.stringify({
      query: wholeDocument(root, { args: Object.keys(variables), permissions }),
      variables,
    }),
  });
  const body = await response.text();
  const results = body.startsWith("event: ") ? eventsOf(body) : [resultSchema.parse(JSON.parse(body))];
  const headers = JSON.stringify([...response.headers]);
  return { outcome: outcomeOf(root, results), text: `${headers}\n${body}` };
}

const eventsOf = (body: string): readonly Result[] =>
  body
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => resultSchema.parse(JSON.parse(line.slice("data: ".length))));

function outcomeOf({ field }: RootField, results: readonly Result[]): Outcome {
  for (const { data, errors = [] } of results) {
    const value = data?.[field.name];
    // A part that may be null, and that the caller may not see, is no refusal of the whole.
    const isPart = ({ path, extensions }: (typeof errors)[number]) =>
      extensions.code === "permission_denied" && (path?.length ?? 0) > 1 && value !== null;
    const code = errors.find((error) => !isPart(error))?.extensions.code;
    if (code !== undefined) return isCode(code) ? code : "internal";
    const outcome = outcomeOfValue(value);
    if (outcome !== "ok") return outcome;
  }
  return results.length === 0 ? "nothing" : "ok";
}

const problems: Readonly<Record<string, ErrorCode>> = {
  InvalidInput: "invalid_request",
  NotFound: "not_found",
  Conflict: "conflict",
};

const emptySchema = z.union([
  z.null(),
  z.undefined(),
  z.object({ edges: z.array(z.unknown()).length(0) }),
  z.object({ nodes: z.array(z.unknown()).length(0) }),
  z.object({ totals: z.object({ calls: z.literal("0") }) }),
]);
const typedSchema = z.object({ __typename: z.string() }).transform((value) => Object.values(value)[0] ?? "");

function outcomeOfValue(value: unknown): Outcome {
  if (emptySchema.safeParse(value).success) return "nothing";
  const typename = typedSchema.safeParse(value).data ?? "";
  return problems[typename] ?? "ok";
}

/** By the close code, where the connection itself is refused. */
const closeCodes: Readonly<Record<number, ErrorCode>> = {
  4401: "unauthenticated",
  4403: "permission_denied",
  // Of all others: the words tell which.
  4500: "unavailable",
};

const closedSchema = z.object({ code: z.number(), reason: z.string() });

export async function askByWebsocket(
  baseUrl: string,
  root: RootField,
  asked: { readonly variables: Variables; readonly caller: Caller },
): Promise<Answer> {
  const { variables } = asked;
  const { credential, permissions = new Set() } = asked.caller;
  const client = createClient({
    url: `${baseUrl.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: credential === undefined ? {} : { authorization: `Bearer ${credential}` },
    retryAttempts: 0,
  });
  const results: unknown[] = [];
  try {
    const query = wholeDocument(root, { args: Object.keys(variables), permissions });
    for await (const result of client.iterate({ query, variables })) results.push(result);
    const text = JSON.stringify(results);
    return {
      outcome: outcomeOf(
        root,
        results.map((result) => resultSchema.parse(result)),
      ),
      text,
    };
  } catch (error) {
    if (Array.isArray(error)) {
      const errors: unknown = error;
      return { outcome: outcomeOf(root, [resultSchema.parse({ errors })]), text: JSON.stringify(errors) };
    }
    const { code, reason } = closedSchema.parse(error);
    return { outcome: closeCodes[code] ?? "internal", text: reason };
  } finally {
    await client.dispose();
  }
}
