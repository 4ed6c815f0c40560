// A start on a file that the first version made: MikroORM kept its list of migrations then, and there were no
// tokens of sound, no versions of prices.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createDatabase } from "../../src/db/database.ts";
import { inspectDatabase } from "../../src/db/inspect-database.ts";
import { sqliteMigrations } from "../../src/db/migrations/sqlite/list.ts";
import { openSqlite } from "../../src/db/sqlite-open.ts";
import { createOrm } from "../../src/db/sqlite-orm.ts";
import { systemClock } from "../../src/system-clock.ts";
import { rowsOf } from "./processes.ts";
import { attemptOf, newId, openedCall, principalOf, samplePrice, settlementOf } from "./sample-records.ts";

const tokenColumns = `
  input_tokens bigint null, input_tokens_uncached bigint null,
  input_tokens_cache_read bigint null, input_tokens_cache_write bigint null,
  output_tokens bigint null, output_tokens_text bigint null, output_tokens_reasoning bigint null,
  usage_source text null, cost_nanos bigint null`;

const firstVersion = `
  create table \`schema_migrations\` (\`id\` integer not null primary key autoincrement, \`name\` text not null,
    \`executed_at\` datetime not null default (strftime('%s', 'now') * 1000));
  insert into schema_migrations (name) values ('0001-records');
  create table requests (
    id text not null primary key, created_at bigint not null, tenant_id text not null,
    api_key_id text null, user_id text null, run_id text not null, correlation_id text null,
    trace_id text null, idempotency_key text null, use_case text null, labels json null,
    environment text not null, operation text not null, delivery text not null,
    logging_policy text not null, model_asked text null, message_count integer null,
    input_chars bigint null, status text not null, error_code text null, route text null,
    provider text null, model text null, model_served text null, finish_reason text null,
    attempts integer null, cache_status text null, time_to_first_token_ms double null,
    latency_ms double null, ${tokenColumns}, losses json null, output_chars bigint null,
    settled_at bigint null) without rowid;
  create index requests_tenant_created on requests (tenant_id, created_at, id);
  create index requests_open on requests (id) where status = 'open';
  create table provider_attempts (
    id text not null primary key, request_id text not null, tenant_id text not null,
    number integer not null, reason text not null, provider text not null, kind text not null,
    model text not null, model_served text null, status text not null, skip_cause text null,
    failure text null, error_message text null, started_at bigint not null,
    time_to_first_token_ms double null, latency_ms double not null, http_status integer null,
    upstream_request_id text null, credential_id text null, ${tokenColumns},
    price_version text null) without rowid;
  create index provider_attempts_request on provider_attempts (request_id);
  create table request_bodies (
    request_id text not null primary key, created_at bigint not null, tenant_id text not null,
    request text null, request_cut integer not null, reply text null, reply_cut integer not null);
  create view usage_logs as select
    id as request_id, created_at, tenant_id, api_key_id, user_id, use_case, environment, operation,
    route, provider, model, model_served, status, error_code, cache_status, attempts,
    input_tokens, input_tokens_uncached, input_tokens_cache_read, input_tokens_cache_write,
    output_tokens, output_tokens_text, output_tokens_reasoning, usage_source,
    cost_nanos, time_to_first_token_ms, latency_ms
    from requests;`;

const migrations = sqliteMigrations.map(({ name }) => name);
const tenant = principalOf("default");
const done = openedCall();
const left = openedCall();

const request = ({ id, createdAtMs }: typeof done, status: string) => `
  insert into requests (id, created_at, tenant_id, run_id, environment, operation, delivery, logging_policy, status,
    input_tokens, output_tokens, usage_source, cost_nanos, losses, attempts, cache_status, latency_ms, model)
  values ('${id}', ${createdAtMs}, 'default', '${newId()}', 'live', 'chat', 'unary', 'full', '${status}',
    7, 5, 'reported', 9007199254740993, '[]', 1, 'bypass', 12.5, 'llama');
  insert into provider_attempts (id, request_id, tenant_id, number, reason, provider, kind, model, status, started_at,
    latency_ms, input_tokens, output_tokens, usage_source, cost_nanos, price_version)
  values ('${newId()}', '${id}', 'default', 1, 'primary', 'groq', 'groq', 'llama', 'ok', ${createdAtMs},
    12.5, 7, 5, 'reported', 9007199254740993, '${samplePrice.version}');
  insert into request_bodies values ('${id}', ${createdAtMs}, 'default', '{"a":1}', 0, null, 0);`;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-upgrade-"));
  file = join(folder, "sluice.db");
  const made = new DatabaseSync(file);
  made.exec(firstVersion + request(done, "ok") + request(left, "open"));
  made.close();
});
afterEach(() => rm(folder, { recursive: true }));

const open = () =>
  createDatabase({
    url: `sqlite:${file}`,
    bodyKeepMaxBytes: 1000,
    queueMax: 100,
    clock: systemClock,
    warn: () => {},
  });

it("keeps what was recorded, takes what is new, and starts again", async () => {
  expect((await inspectDatabase(`sqlite:${file}`, systemClock)).missingMigrations).toEqual(
    migrations.slice(1),
  );
  const database = await open();
  const { ledger, records } = database;
  const kept = await records.request(tenant, done.id);
  expect(kept).toMatchObject({
    status: "ok",
    costNanos: 9007199254740993n,
    usage: { input: { total: 7, audio: undefined }, output: { total: 5 } },
    attemptRecords: [{ priceVersion: samplePrice.version, price: undefined, costNanos: 9007199254740993n }],
  });
  expect((await records.bodies(tenant, done.id))?.request).toBe('{"a":1}');
  expect((await records.request(tenant, left.id))?.status).toBe("interrupted");
  const call = openedCall();
  const attempt = attemptOf(call, { status: "ok" });
  ledger.open(call);
  ledger.attempt(attempt);
  ledger.settle(settlementOf(call, { status: "ok" }));
  expect((await records.request(tenant, call.id))?.attemptRecords).toEqual([attempt]);
  const report = await records.usage(tenant, {
    fromMs: 0,
    toMs: Date.UTC(2100, 0, 1),
    groupBy: ["model"],
    timeZone: "UTC",
    filter: {},
  });
  expect(report.groups).toMatchObject([
    { key: { model: "llama" }, figures: { calls: 3n, tokens: { input: 114n, inputAudio: 5n } } },
  ]);
  await database.close();
  await (await open()).close();
  expect(await rowsOf(file, "select name from schema_migrations order by id")).toEqual(
    migrations.map((name) => ({ name })),
  );
  expect(await rowsOf(file, "select sum(input_tokens_audio) as audio from usage_logs")).toEqual([
    { audio: 5 },
  ]);
});

it("has the tables that the entities say", async () => {
  const database = await openSqlite(file, true);
  const orm = await createOrm(database.native);
  const change = await orm.schema.getUpdateSchemaSQL({ dropTables: false });
  expect(change.replaceAll(/pragma.*;/g, "").trim()).toBe("");
  database.close();
});
