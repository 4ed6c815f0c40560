// Asks by GraphQL: a POST for queries and mutations, an event stream or a websocket for subscriptions.

import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { z } from "zod";
import { errorTable, type ErrorCode } from "../../../src/core/errors.ts";
import { type RootField, rootFields } from "../../api/graphql/sample-document.ts";
import type { Answer, Outcome } from "./outcome.ts";
import { wholeDocument } from "./whole-document.ts";

export type Variables = Readonly<Record<string, unknown>>;

const { QUERY, MUTATION, SUBSCRIPTION } = OperationTypeNode;

export const everyField = rootFields([QUERY, MUTATION, SUBSCRIPTION]);

export const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code);

const resultSchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }) })).optional(),
});

type Result = z.infer<typeof resultSchema>;

export async function askGraphql(
  baseUrl: string,
  root: RootField,
  asked: { readonly variables: Variables; readonly credential: string | undefined },
): Promise<Answer> {
  const { variables, credential } = asked;
  const response = await fetch(`${baseUrl}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: root.operation === SUBSCRIPTION ? "text/event-stream" : "application/json",
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
    },
    body: JSON.stringify({ query: wholeDocument(root, Object.keys(variables)), variables }),
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
  for (const { data, errors } of results) {
    const code = errors?.[0]?.extensions.code;
    if (code !== undefined) return isCode(code) ? code : "internal";
    const outcome = outcomeOfValue(data?.[field.name]);
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
const typedSchema = z.object({ __typename: z.string() });

function outcomeOfValue(value: unknown): Outcome {
  if (emptySchema.safeParse(value).success) return "nothing";
  const typename = typedSchema.safeParse(value).data?.__typename ?? "";
  return problems[typename] ?? "ok";
}

/** By the close code, where the connection itself is refused. */
const closeCodes: Readonly<Record<number, ErrorCode>> = {
  4401: "unauthenticated",
  4403: "permission_denied",
};

export async function askByWebsocket(
  baseUrl: string,
  root: RootField,
  asked: { readonly variables: Variables; readonly credential: string | undefined },
): Promise<Answer> {
  const { variables, credential } = asked;
  const client = createClient({
    url: `${baseUrl.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: credential === undefined ? {} : { authorization: `Bearer ${credential}` },
    retryAttempts: 0,
  });
  const results: unknown[] = [];
  try {
    const query = wholeDocument(root, Object.keys(variables));
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
    const { code, reason } = z.object({ code: z.number(), reason: z.string() }).parse(error);
    return { outcome: closeCodes[code] ?? "internal", text: reason };
  } finally {
    await client.dispose();
  }
}
