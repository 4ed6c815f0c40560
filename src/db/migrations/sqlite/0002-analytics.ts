const audioColumns = (table: string): readonly string[] => [
  `alter table ${table} add column input_tokens_audio bigint null`,
  `alter table ${table} add column output_tokens_audio bigint null`,
];

/** Tokens of sound, the versions of prices, and what analytics look up. */
export const addAnalytics: readonly string[] = [
  ...audioColumns("requests"),
  ...audioColumns("provider_attempts"),
  `create index provider_attempts_fallback on provider_attempts (request_id)
   where reason in ('fallback', 'continue', 'restart')`,
  `create table price_versions (
    version text not null primary key, kind text not null, model text not null,
    first_used_at bigint not null, prices json not null) without rowid`,
  "drop view usage_logs",
  `create view usage_logs as select
    id as request_id, created_at, tenant_id, api_key_id, user_id, use_case, environment, operation,
    route, provider, model, model_served, status, error_code, cache_status, attempts,
    input_tokens, input_tokens_uncached, input_tokens_cache_read, input_tokens_cache_write,
    input_tokens_audio, output_tokens, output_tokens_text, output_tokens_reasoning,
    output_tokens_audio, usage_source, cost_nanos, time_to_first_token_ms, latency_ms
    from requests`,
];
