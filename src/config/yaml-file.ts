// The YAML file: settings, providers, routes and use cases.

import { parse } from "yaml";
import { z } from "zod";
import { ConfigurationError } from "./configuration.ts";

const name = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "must be lower-case letters, digits, `-` or `_`");
const priority = z.int().min(-1_000_000).max(1_000_000);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const fileSchema = z
  .object({
    providers: z
      .record(
        name,
        // What further keys there may be depends on the kind.
        z.looseObject({
          kind: z.string(),
          apiKey: z.string().optional(),
          baseUrl: z.url({ protocol: /^https?$/ }).optional(),
          model: z.string().min(1).optional(),
          models: z.array(z.string().min(1)).optional(),
          priority: priority.optional(),
          api: z.string().optional(),
        }),
      )
      .optional(),
    routes: z
      .record(
        name,
        z.strictObject({
          strategy: z.literal("priority").optional(),
          targets: z
            .array(
              z.strictObject({
                provider: name,
                model: z.string().min(1),
                priority: priority.optional(),
                api: z.string().optional(),
                vectorSpace: z.string().min(1).max(200).optional(),
              }),
            )
            .min(1),
        }),
      )
      .optional(),
    useCases: z.record(name, z.strictObject({ route: name })).optional(),
  })
  .catchall(z.union([scalar, z.array(scalar)]));

export type FileConfiguration = z.infer<typeof fileSchema>;
export type FileProvider = NonNullable<FileConfiguration["providers"]>[string];

/** Members of a provider's entry that hold no secret. */
const shownOfProvider: ReadonlySet<PropertyKey> = new Set(["kind", "model", "models", "priority", "api"]);

/**
 * @throws ConfigurationError
 */
export function parseYamlFile(
  text: string,
  context: { readonly path: string; readonly environment: Readonly<Record<string, string | undefined>> },
): FileConfiguration {
  const { path, environment } = context;
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    // The lines below the first show the file's text, which may be a secret.
    const [reason = ""] = (cause instanceof Error ? cause.message : "").split("\n");
    throw new ConfigurationError(`${path}: is not YAML: ${reason.replace(/:$/, ".")}`);
  }
  const filled = fillIn(document ?? {}, { path, key: "", environment });
  const result = fileSchema.safeParse(filled);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = issue?.path ?? [];
  const key = at.length === 0 ? "the file" : at.join(".");
  const [section, , member] = at;
  const secret = section === "providers" && !shownOfProvider.has(member ?? "");
  const found = secret ? "something else" : shown(valueAt(filled, at));
  throw new ConfigurationError(`${path}: ${key}: ${issue?.message ?? "is wrong"}; found ${found}.`);
}

interface FillContext {
  readonly path: string;
  readonly key: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Puts the environment's values in place of `${NAME}`. */
function fillIn(value: unknown, context: FillContext): unknown {
  if (typeof value === "string") {
    return value.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, variable: string) => {
      const found = context.environment[variable];
      if (found !== undefined) return found;
      throw new ConfigurationError(
        `${context.path}: ${context.key}: the environment has no ${variable}. Set it, or take it out of the file.`,
      );
    });
  }
  if (Array.isArray(value)) {
    return value.map((entry, i) => fillIn(entry, { ...context, key: `${context.key}[${i}]` }));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      fillIn(member, { ...context, key: context.key === "" ? key : `${context.key}.${key}` }),
    ]),
  );
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );

/** What was found, short, and without what may be a secret. */
function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value) ? "a list" : `an entry with the keys ${Object.keys(value).join(", ")}`;
  }
  return JSON.stringify(value).slice(0, 80);
}
