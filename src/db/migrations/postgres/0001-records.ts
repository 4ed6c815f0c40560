const tokenColumns = `
  input_tokens bigint null, input_tokens_uncached bigint null,
  input_tokens_cache_read bigint null, input_tokens_cache_write bigint null, input_tokens_audio bigint null,
  output_tokens bigint null, output_tokens_text bigint null, output_tokens_reasoning bigint null,
  output_tokens_audio bigint null, usage_source text null, cost_nanos bigint null`;

/** The tables of records and prices, and `usage_logs`, a view for those who only account. */
export const createRecords: readonly string[] = [
  // The key begins with the time, so that the table can be cut into parts by it.
  `create table requests (
    id uuid not null, created_at bigint not null, tenant_id text not null,
    api_key_id text null, user_id text null, run_id uuid not null, correlation_id text null,
    trace_id text null, idempotency_key text null, use_case text null, labels jsonb null,
    environment text not null, operation text not null, delivery text not null,
    logging_policy text not null, model_asked text null, message_count int null,
    input_chars bigint null, status text not null, error_code text null, route text null,
    provider text null, model text null, model_served text null, finish_reason text null,
    attempts int null, cache_status text null, time_to_first_token_ms double precision null,
    latency_ms double precision null, ${tokenColumns}, losses jsonb null, output_chars bigint null,
    settled_at bigint null, primary key (created_at, id))`,
  "create index requests_tenant_created on requests (tenant_id, created_at, id)",
  "create index requests_open on requests (id) where status = 'open'",

  `create table provider_attempts (
    id uuid not null primary key, request_id uuid not null, tenant_id text not null,
    number int not null, reason text not null, provider text not null, kind text not null,
    model text not null, model_served text null, status text not null, skip_cause text null,
    failure text null, error_message text null, started_at bigint not null,
    time_to_first_token_ms double precision null, latency_ms double precision not null,
    http_status int null, upstream_request_id text null, credential_id text null, ${tokenColumns},
    price_version text null)`,
  "create index provider_attempts_request on provider_attempts (request_id)",
  `create index provider_attempts_fallback on provider_attempts (request_id)
    where reason in ('fallback', 'continue', 'restart')`,

  `create table request_bodies (
    request_id uuid not null primary key, created_at bigint not null, tenant_id text not null,
    request text null, request_cut boolean not null, reply text null, reply_cut boolean not null)`,

  `create table price_versions (
    version text not null primary key, kind text not null, model text not null,
    first_used_at bigint not null, prices jsonb not null)`,

  `create view usage_logs as select
    id as request_id, created_at, tenant_id, api_key_id, user_id, use_case, environment, operation,
    route, provider, model, model_served, status, error_code, cache_status, attempts,
    input_tokens, input_tokens_uncached, input_tokens_cache_read, input_tokens_cache_write,
    input_tokens_audio, output_tokens, output_tokens_text, output_tokens_reasoning,
    output_tokens_audio, usage_source, cost_nanos, time_to_first_token_ms, latency_ms
    from requests`,
];
