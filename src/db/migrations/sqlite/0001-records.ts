const tokenColumns = `
  input_tokens bigint null, input_tokens_uncached bigint null,
  input_tokens_cache_read bigint null, input_tokens_cache_write bigint null,
  output_tokens bigint null, output_tokens_text bigint null, output_tokens_reasoning bigint null,
  usage_source text null, cost_nanos bigint null`;

/** The tables of records, and `usage_logs`, a view for those who only account. */
export const createRecords: readonly string[] = [
  `create table requests (
      id text not null primary key, created_at bigint not null, tenant_id text not null,
      api_key_id text null, user_id text null, run_id text not null, correlation_id text null,
      trace_id text null, idempotency_key text null, use_case text null, labels json null,
      environment text not null, operation text not null, delivery text not null,
      logging_policy text not null, model_asked text null, message_count integer null,
      input_chars bigint null, status text not null, error_code text null, route text null,
      provider text null, model text null, model_served text null, finish_reason text null,
      attempts integer null, cache_status text null, time_to_first_token_ms double null,
      latency_ms double null, ${tokenColumns}, losses json null, output_chars bigint null,
      settled_at bigint null) without rowid`,
  "create index requests_tenant_created on requests (tenant_id, created_at, id)",
  "create index requests_open on requests (id) where status = 'open'",

  `create table provider_attempts (
      id text not null primary key, request_id text not null, tenant_id text not null,
      number integer not null, reason text not null, provider text not null, kind text not null,
      model text not null, model_served text null, status text not null, skip_cause text null,
      failure text null, error_message text null, started_at bigint not null,
      time_to_first_token_ms double null, latency_ms double not null, http_status integer null,
      upstream_request_id text null, credential_id text null, ${tokenColumns},
      price_version text null) without rowid`,
  "create index provider_attempts_request on provider_attempts (request_id)",

  `create table request_bodies (
      request_id text not null primary key, created_at bigint not null, tenant_id text not null,
      request text null, request_cut integer not null, reply text null, reply_cut integer not null)`,

  `create view usage_logs as select
      id as request_id, created_at, tenant_id, api_key_id, user_id, use_case, environment, operation,
      route, provider, model, model_served, status, error_code, cache_status, attempts,
      input_tokens, input_tokens_uncached, input_tokens_cache_read, input_tokens_cache_write,
      output_tokens, output_tokens_text, output_tokens_reasoning, usage_source,
      cost_nanos, time_to_first_token_ms, latency_ms
      from requests`,
];
