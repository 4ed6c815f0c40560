// What GraphQL itself finds wrong it quotes, with all that stands around it. Where providers are changed, or somebody
// logs in, that may be a key or a password, which goes in and never comes out, not even to whoever has just sent it:
// answers are kept in places where requests are not.

import { type ExecutionResult, GraphQLError, parse, visit } from "graphql";
import { maxTokens, type OperationRequest } from "./operation-request.ts";

const takesKeys = /\b(?:add|update)Provider\b/;
const takesPasswords =
  /\b(?:logIn|changePassword|refreshSession|(?:create|update)User|setSsoConfig|importApiKeys)\b/;

/** A key is longer; shorter texts are also words of the messages. */
const shortestKey = 8;
/** Passwords are short, but few. */
const mostShort = 100;

/** What of the document a syntax error quotes. */
const quotedToken = /\b(Name|Int|Float|String|BlockString) "[\s\S]*"/;

export interface HiddenValues {
  inError<E>(error: E): E | GraphQLError;
  inResult(result: ExecutionResult): ExecutionResult;
}

const hideNothing: HiddenValues = { inError: (error) => error, inResult: (result) => result };

export function hiddenValues({ query, variables }: OperationRequest): HiddenValues {
  const shortest = takesPasswords.test(query) ? 1 : shortestKey;
  if (shortest === shortestKey && !takesKeys.test(query)) return hideNothing;
  let hide: ((said: string) => string) | undefined;

  function inError<E>(error: E): E | GraphQLError {
    if (!(error instanceof GraphQLError)) return error;
    const { nodes, source, positions, path, originalError, extensions } = error;
    hide ??= createHide([...literalsOf(query), ...textsOf(variables)], shortest);
    const message = hide(error.message.replace(quotedToken, '$1 "…"'));
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

function createHide(texts: readonly string[], shortest: number): (said: string) => string {
  const given = [...new Set(texts)].filter(({ length }) => length >= shortest);
  // One may be part of another.
  const long = given.filter(({ length }) => length >= shortestKey).toSorted((a, b) => b.length - a.length);
  const short = given.filter(({ length }) => length < shortestKey);
  if (short.length > mostShort) return () => "A value does not fit. There are too many of them to say which.";
  const alone = short.toSorted((a, b) => b.length - a.length).map(standingAlone);
  return (said) => {
    const withoutLong = long.reduce((shown, text) => shown.replaceAll(text, "…"), said);
    return alone.reduce((shown, text) => shown.replaceAll(text, "…"), withoutLong);
  };
}

const special = /[\\^$.*+?()[\]{}|/]/g;

/** Within a word a short text says nothing. */
const standingAlone = (text: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}_])${text.replaceAll(special, "\\$&")}(?![\\p{L}\\p{N}_])`, "gu");

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
