// The statements that read and change what is configured at run time: the same on every database.

import type {
  ConfigChange,
  SealedText,
  StoredConfiguration,
  StoredProvider,
  StoredRoute,
  Versioned,
} from "../core/managed/config-store.ts";
import type { NewAuditEntry } from "../core/directory/audit.ts";
import type { AuditKey } from "../core/directory/secrets.ts";
import type { JsonObject } from "../core/json.ts";
import type { RunStatement, StatementValue } from "./database-access.ts";
import { appendAudit } from "./directory/append-audit.ts";

type ConfigRow = Readonly<Record<string, unknown>>;

export async function readVersion(run: RunStatement): Promise<number> {
  const [row] = await rows(run, "select cast(version as text) as version from config_version");
  if (row === undefined) throw new Error("The table config_version has no row.");
  return numberOf(row, "version");
}

/** In a transaction that sees one state of the database. */
export async function readConfiguration(run: RunStatement): Promise<StoredConfiguration> {
  const common =
    "name, cast(config as text) as config, cast(draining as int) as draining, cast(version as text) as version";
  const secret = "secret_ciphertext, secret_nonce, secret_key_id";
  const inOrder = "order by first_version";
  return {
    version: await readVersion(run),
    providers: (await rows(run, `select ${common}, ${secret} from provider_configs ${inOrder}`)).map(
      providerOf,
    ),
    routes: (await rows(run, `select ${common} from route_configs ${inOrder}`)).map(entryOf),
  };
}

export interface DatedChange {
  readonly seen: number;
  readonly change: ConfigChange;
  readonly entry: NewAuditEntry;
  readonly epochMs: number;
  /** The first is what the entry is made with. */
  readonly auditKeys: readonly AuditKey[];
}

/** In a transaction of its own. Undefined: `seen` is no longer the version, and nothing was changed. */
export async function writeChange(
  run: RunStatement,
  { seen, change, entry, epochMs, auditKeys }: DatedChange,
): Promise<number | undefined> {
  const [raised] = await rows(
    run,
    "update config_version set version = version + 1 where version = ? returning cast(version as text) as version",
    [seen],
  );
  if (raised === undefined) return undefined;
  const version = numberOf(raised, "version");
  await apply(run, change, { version, epochMs });
  // Last, as with changes of the directory: whoever holds a trail's end waits for nobody's rows.
  await appendAudit(run, { entries: [entry], keys: auditKeys, epochMs });
  return version;
}

async function apply(
  run: RunStatement,
  change: ConfigChange,
  { version, epochMs }: { readonly version: number; readonly epochMs: number },
): Promise<void> {
  switch (change.type) {
    case "put_provider":
      await put(run, {
        table: "provider_configs",
        values: providerValues(change.provider),
        version,
        epochMs,
      });
      break;
    case "put_route":
      await put(run, { table: "route_configs", values: entryValues(change.route), version, epochMs });
      break;
    case "remove_provider":
      await run("delete from provider_configs where name = ?", [change.name]);
      break;
    case "remove_route":
      await run("delete from route_configs where name = ?", [change.name]);
      break;
  }
}

type Values = Readonly<Record<string, StatementValue>>;

async function put(
  run: RunStatement,
  row: {
    readonly table: string;
    readonly values: Values;
    readonly version: number;
    readonly epochMs: number;
  },
): Promise<void> {
  const changed: Values = { ...row.values, updated_at: row.epochMs, version: row.version };
  const values: Values = { ...changed, created_at: row.epochMs, first_version: row.version };
  const columns = Object.keys(values);
  await run(
    `insert into ${row.table} (${columns.join()}) values (${columns.map(() => "?").join()})
     on conflict (name) do update set ${Object.keys(changed)
       .map((name) => `${name} = excluded.${name}`)
       .join()}`,
    Object.values(values),
  );
}

const entryValues = ({ name, config, draining }: StoredRoute): Values => ({
  name,
  config: JSON.stringify(config),
  draining: Number(draining),
});

const providerValues = ({ secret, ...entry }: StoredProvider): Values => ({
  ...entryValues(entry),
  secret_ciphertext: secret?.ciphertext ?? null,
  secret_nonce: secret?.nonce ?? null,
  secret_key_id: secret?.keyId ?? null,
});

const entryOf = (row: ConfigRow): Versioned<StoredRoute> => ({
  name: textOf(row, "name"),
  config: objectOf(row, "config"),
  draining: numberOf(row, "draining") === 1,
  version: numberOf(row, "version"),
});

function providerOf(row: ConfigRow): Versioned<StoredProvider> {
  const { name, config, draining, version } = entryOf(row);
  return { name, config, draining, version, secret: secretOf(row) };
}

function secretOf(row: ConfigRow): SealedText | undefined {
  if (row["secret_key_id"] === null) return undefined;
  return {
    keyId: textOf(row, "secret_key_id"),
    nonce: bytesOf(row, "secret_nonce"),
    ciphertext: bytesOf(row, "secret_ciphertext"),
  };
}

async function rows(
  run: RunStatement,
  text: string,
  values: readonly StatementValue[] = [],
): Promise<readonly ConfigRow[]> {
  return (await run(text, values)).filter(isRow);
}

const isRow = (value: unknown): value is ConfigRow => typeof value === "object" && value !== null;

function textOf(row: ConfigRow, name: string): string {
  const value = row[name];
  if (typeof value === "string") return value;
  throw new Error(`The database holds ${typeof value} for ${name}.`);
}

const numberOf = (row: ConfigRow, name: string): number => Number(row[name]);

// What somebody else has put into the tables reads as empty: whoever applies the row then says what it lacks, and
// the others are read.

/** Of plain bytes, as another thread would get them. */
function bytesOf(row: ConfigRow, name: string): Uint8Array {
  const value = row[name];
  return value instanceof Uint8Array ? Uint8Array.from(value) : new Uint8Array();
}

function objectOf(row: ConfigRow, name: string): JsonObject {
  try {
    const value: unknown = JSON.parse(textOf(row, name));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** JSON.parse gives nothing but JSON values. */
const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
