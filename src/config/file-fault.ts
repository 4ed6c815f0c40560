// What is wrong in the YAML file or in one of its entries, in words for the person who wrote it.

import type { z } from "zod";

type Issue = z.core.$ZodIssue;

export interface FileFaultContext {
  /** Where the document stands; absent: the paths say it. */
  readonly place?: string | undefined;
  /** What the file says, with the environment's values filled in. */
  readonly document: unknown;
  /** Whether a value may be told, by its path. */
  readonly mayShow: (path: readonly PropertyKey[]) => boolean;
  /** The keys that there may be in the mapping at the path. */
  readonly keysAt: (path: readonly PropertyKey[]) => readonly string[];
}

/** `routes.default.targets[1]: must be …; found ….` */
export function fileFault(issue: Issue, { place = "", document, mayShow, keysAt }: FileFaultContext): string {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return `${placeOf(place, [...path, ...issue.keys.slice(0, 1)])}: is no key. There are: ${keysAt(path).join(", ")}.`;
  }
  if (issue.code === "invalid_key") {
    return `${placeOf(place, path)}: ${issue.issues[0]?.message ?? "is no name"}.`;
  }
  const found = valueAt(document, path);
  const shown = mayShow(path) && isScalar(found) ? textOf(found).slice(0, 80) : formOf(found);
  const advice = issue.code === "invalid_type" && issue.expected === "string" && isScalar(found);
  return `${placeOf(place, path)}: ${allowedBy(issue)}; found ${shown}${advice ? " without quotes" : ""}.`;
}

const placeOf = (start: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (at, key) =>
      typeof key === "number" ? `${at}[${key}]` : at === "" ? String(key) : `${at}.${String(key)}`,
    start,
  ) || "the file";

const forms: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a whole number",
  int: "a whole number",
  array: "a list",
  object: "a mapping",
  record: "a mapping of names",
};

function allowedBy(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${forms[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values
        .map(String)
        .join(", ")
        .replace(/, ([^,]*)$/, " or $1")}`;
    case "invalid_union":
      return "must be a text, a number, true, false, or a list of these";
    case "too_small":
      return issue.origin === "number" || issue.origin === "int"
        ? `must be ${issue.minimum} or more`
        : "must not be empty";
    case "too_big":
      return issue.origin === "string"
        ? `must have at most ${issue.maximum} characters`
        : issue.origin === "array"
          ? `must have at most ${issue.maximum} entries`
          : `must be at most ${issue.maximum}`;
    case "custom":
    case "invalid_element":
    case "invalid_format":
    case "invalid_key":
    case "not_multiple_of":
    case "unrecognized_keys":
      return issue.message;
  }
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );

/** JSON has no infinity. */
const textOf = (value: unknown): string =>
  typeof value === "number" ? String(value) : JSON.stringify(value);

const isScalar = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);

/** What a value is, without the value. */
function formOf(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a mapping" : typeof value === "string" ? "a text" : `a ${typeof value}`;
}
