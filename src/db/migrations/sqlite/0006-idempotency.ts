/** Keys that calls came with; and whose answer a call was given from the cache, and what that saved. */
export const addIdempotency: readonly string[] = [
  `create table idempotency_keys (
    tenant_id text not null, key text not null, request_hash text not null, state text not null,
    run_id text not null, node_id text not null, reply_ciphertext blob null, reply_nonce blob null,
    reply_key_id text null, created_at bigint not null, expires_at bigint not null,
    primary key (tenant_id, key))`,
  "create index idempotency_keys_expiry on idempotency_keys (expires_at)",
  "alter table requests add column saved_nanos bigint null",
  "alter table requests add column answered_from text null",
  "drop view usage_logs",
  `create view usage_logs as select
    id as request_id, created_at, tenant_id, api_key_id, user_id, use_case, environment, operation,
    route, provider, model, model_served, status, error_code, cache_status, attempts,
    input_tokens, input_tokens_uncached, input_tokens_cache_read, input_tokens_cache_write,
    input_tokens_audio, output_tokens, output_tokens_text, output_tokens_reasoning,
    output_tokens_audio, usage_source, cost_nanos, time_to_first_token_ms, latency_ms,
    saved_nanos, answered_from
    from requests`,
];
