// What GraphQL itself finds wrong it quotes, with all that stands around it. Where providers are changed that may be
// a key, which goes in and never comes out, not even to whoever has just sent it: answers are kept in places where
// requests are not.

import { type ExecutionResult, GraphQLError, parse, visit } from "graphql";
import { maxTokens, type OperationRequest } from "./operation-request.ts";

const changesProviders = /\b(?:add|update)Provider\b/;

/** A key is longer; short texts are also words of the messages. */
const shortestHidden = 8;

/** What of the document a syntax error quotes. */
const quotedToken = /\b(Name|Int|Float|String|BlockString) "[\s\S]*"/;

export interface HiddenValues {
  inError<E>(error: E): E | GraphQLError;
  inResult(result: ExecutionResult): ExecutionResult;
}

const hideNothing: HiddenValues = { inError: (error) => error, inResult: (result) => result };

export function hiddenValues({ query, variables }: OperationRequest): HiddenValues {
  if (!changesProviders.test(query)) return hideNothing;
  let hidden: readonly string[] | undefined;

  function inError<E>(error: E): E | GraphQLError {
    if (!(error instanceof GraphQLError)) return error;
    const { nodes, source, positions, path, originalError, extensions } = error;
    hidden ??= longestFirst([...literalsOf(query), ...textsOf(variables)]);
    const said = error.message.replace(quotedToken, '$1 "…"');
    const message = hidden.reduce((shown, text) => shown.replaceAll(text, "…"), said);
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

/** One may be part of another. */
const longestFirst = (texts: readonly string[]): readonly string[] =>
  [...new Set(texts)]
    .filter(({ length }) => length >= shortestHidden)
    .toSorted((a, b) => b.length - a.length);

/** Also those without quotes, as a key may be written by mistake. */
function literalsOf(query: string): readonly string[] {
  const texts: string[] = [];
  const take = ({ value }: { readonly value: string }) => void texts.push(...asQuoted(value));
  try {
    visit(parse(query, { noLocation: true, maxLexicalTokens: maxTokens }), {
      StringValue: take,
      EnumValue: take,
      IntValue: take,
      FloatValue: take,
    });
  } catch {
    // A document that is none has no values: what is said of it quotes one token.
  }
  return texts;
}

/** Messages write texts with JSON's escapes, or line by line. */
const asQuoted = (text: string): readonly string[] => [
  text,
  JSON.stringify(text).slice(1, -1),
  ...text.split("\n").map((line) => line.trim()),
];

// With a list of its own, as a nest may be too deep for the stack.
function textsOf(variables: OperationRequest["variables"]): readonly string[] {
  const texts: string[] = [];
  const open: unknown[] = [variables];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === "string") texts.push(...asQuoted(next));
    else if (typeof next === "number") texts.push(String(next));
    else if (typeof next === "object" && next !== null) open.push(...Object.values(next));
  }
  return texts;
}
