// What GraphQL itself finds wrong it quotes, with all that stands around it. Where providers are changed that may be
// a key, which goes in and never comes out, not even to whoever has just sent it: answers are kept in places where
// requests are not.

import { type ExecutionResult, GraphQLError } from "graphql";
import type { OperationRequest } from "./operation-request.ts";

const changesProviders = /\b(?:add|update)Provider\b/;

/** A key is longer; short texts are also words of the messages. */
const shortestHidden = 8;

const literal = /"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"/g;

export interface HiddenValues {
  inError<E>(error: E): E | GraphQLError;
  inResult(result: ExecutionResult): ExecutionResult;
}

const hideNothing: HiddenValues = { inError: (error) => error, inResult: (result) => result };

export function hiddenValues({ query, variables }: OperationRequest): HiddenValues {
  if (!changesProviders.test(query)) return hideNothing;

  function inError<E>(error: E): E | GraphQLError {
    if (!(error instanceof GraphQLError)) return error;
    const { nodes, source, positions, path, originalError, extensions } = error;
    const message = withoutTexts(error.message, [...literalsOf(query), ...textsOf(variables)]);
    return new GraphQLError(message, { nodes, source, positions, path, originalError, extensions });
  }

  return {
    inError,
    inResult: (result) =>
      result.errors === undefined
        ? result
        : { ...result, errors: result.errors.map((error) => inError(error)) },
  };
}

/** The longest first: one may be part of another. */
function withoutTexts(message: string, texts: readonly string[]): string {
  const hidden = [...new Set(texts)].filter(({ length }) => length >= shortestHidden);
  return hidden
    .toSorted((a, b) => b.length - a.length)
    .reduce((shown, text) => shown.replaceAll(text, "…"), message);
}

/** As they are written in the document, and so in messages. */
const literalsOf = (query: string): readonly string[] =>
  (query.match(literal) ?? []).map((text) => text.replace(/^"+|"+$/g, ""));

// With a list of its own, as a nest may be too deep for the stack.
function textsOf(variables: OperationRequest["variables"]): readonly string[] {
  const texts: string[] = [];
  const open: unknown[] = [variables];
  while (open.length > 0) {
    const next = open.pop();
    // Messages write texts with JSON's escapes.
    if (typeof next === "string") texts.push(next, JSON.stringify(next).slice(1, -1));
    else if (typeof next === "object" && next !== null) open.push(...Object.values(next));
  }
  return texts;
}
