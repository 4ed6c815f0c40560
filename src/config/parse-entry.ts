// Reads one entry of the configuration, wherever it comes from.

import { z } from "zod";
import { ConfigurationError } from "./configuration.ts";
import { fileFault } from "./file-fault.ts";

/** @throws ConfigurationError that begins with the place and the key below it */
export function parseEntry<T>(
  schema: z.ZodType<T>,
  entry: unknown,
  {
    place,
    mayShow = () => true,
  }: {
    readonly place: string;
    /** Whether a value may be told, by its path below the entry. */
    readonly mayShow?: (path: readonly PropertyKey[]) => boolean;
  },
): T {
  const result = schema.safeParse(entry);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A key with a typing error tells more than the one that it leaves out.
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  const keysAt = (path: readonly PropertyKey[]) => keysOf(path.reduce<unknown>(below, schema));
  const fault = issue && fileFault(issue, { place, document: entry, mayShow, keysAt });
  throw new ConfigurationError(fault ?? `${place}: is wrong.`);
}

function below(schema: unknown, key: PropertyKey): unknown {
  const whole = withoutOptional(schema);
  if (whole instanceof z.ZodObject) return Reflect.get(whole.shape, key);
  return whole instanceof z.ZodArray ? whole.element : undefined;
}

function keysOf(schema: unknown): readonly string[] {
  const whole = withoutOptional(schema);
  return whole instanceof z.ZodObject ? Object.keys(whole.shape) : [];
}

const withoutOptional = (schema: unknown): unknown =>
  schema instanceof z.ZodOptional ? schema.unwrap() : schema;
