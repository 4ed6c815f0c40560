// The YAML file: settings, providers, routes, use cases and prices.

import { parse } from "yaml";
import { z } from "zod";
import { ConfigurationError } from "./configuration.ts";
import { nameSchema } from "./entry-name.ts";
import { fileFault } from "./file-fault.ts";
import { secretSettings, settingTable } from "./setting-table.ts";

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const sections = {
  /** `check-provider.ts` reads each. */
  providers: z.record(nameSchema, z.unknown()).optional(),
  /** `check-route.ts` reads each. */
  routes: z.record(nameSchema, z.unknown()).optional(),
  /** `load-routes.ts` reads each. */
  useCases: z.record(nameSchema, z.unknown()).optional(),
  /** Each is a version or a list of versions: `load-prices.ts` reads them. */
  prices: z.record(z.string(), z.unknown()).optional(),
};

const fileSchema = z.object(sections).catchall(z.union([scalar, z.array(scalar)]));

export type FileConfiguration = z.infer<typeof fileSchema>;

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
    // Warnings would print lines of the file.
    document = parse(text, { maxAliasCount: 100, logLevel: "error" });
  } catch (cause) {
    // The lines below the first show the file's text, which may be a secret.
    const [reason = ""] = (cause instanceof Error ? cause.message : "").split("\n");
    throw new ConfigurationError(`${path}: is not YAML: ${reason.replace(/:$/, ".")}`);
  }
  const filled = fillIn(document ?? {}, { path, key: "", depth: 0, environment });
  checkKeys(path, filled);
  const result = fileSchema.safeParse(filled);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  // Which keys there are was checked before, or is where their entries are read.
  const fault = issue && fileFault(issue, { document: filled, mayShow, keysAt: () => [] });
  throw new ConfigurationError(`${path}: ${fault ?? "is wrong."}`);
}

/** Before anything else: what stands under a wrong key would be told to be wrong itself. */
function checkKeys(path: string, document: unknown): void {
  const known = [...Object.keys(settingTable), ...Object.keys(sections)];
  for (const key of typeof document === "object" && document !== null ? Object.keys(document) : []) {
    if (known.includes(key) || Array.isArray(document)) continue;
    throw new ConfigurationError(`${path}: ${key}: is no key. There are: ${known.join(", ")}.`);
  }
}

/** What stands in the place of the providers may be a secret. */
const mayShow = ([section = ""]: readonly PropertyKey[]): boolean =>
  !secretSettings.has(section) && section !== "providers";

const maxDepth = 32;

interface FillContext {
  readonly path: string;
  readonly key: string;
  readonly depth: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Puts the environment's values in place of `${NAME}`. */
function fillIn(value: unknown, context: FillContext): unknown {
  // An anchor may stand within itself.
  if (context.depth > maxDepth) {
    throw new ConfigurationError(`${context.path}: ${context.key}: is nested more than ${maxDepth} deep.`);
  }
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
    return value.map((entry, i) =>
      fillIn(entry, { ...context, key: `${context.key}[${i}]`, depth: context.depth + 1 }),
    );
  }
  if (typeof value !== "object" || value === null) return value;
  if (Object.hasOwn(value, "__proto__")) {
    const at = context.key === "" ? "" : `${context.key}: `;
    throw new ConfigurationError(`${context.path}: ${at}has a key __proto__. Take another name.`);
  }
  const { depth } = context;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      fillIn(member, {
        ...context,
        key: context.key === "" ? key : `${context.key}.${key}`,
        depth: depth + 1,
      }),
    ]),
  );
}
