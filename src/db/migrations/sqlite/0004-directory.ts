const dated = "created_at bigint not null, updated_at bigint not null";
const budget = "budget_hard_nanos bigint null, budget_soft_nanos bigint null";
const limits =
  "requests_per_minute bigint null, tokens_per_minute bigint null, concurrent_streams bigint null";
const allowed = "allowed_models json null, allowed_providers json null";
const now = "cast(unixepoch('subsec') * 1000 as integer)";

/** Tenants, users, keys, sign-on and sessions, what was changed of them, and the trail of who did what. */
export const addDirectory: readonly string[] = [
  `create table tenants (
    slug text not null primary key, name text not null, contact_email text null, search_text text not null,
    active integer not null, time_zone text not null, ${limits}, ${budget}, ${allowed},
    logging_bodies text null, logging_redact integer null, logging_retention_days bigint null,
    ${dated}, version bigint not null, deleted_at bigint null) without rowid`,
  `insert into tenants (slug, name, search_text, active, time_zone, created_at, updated_at, version)
   values ('default', 'Default', 'default', 1, 'UTC', ${now}, ${now}, 0)`,

  `create table users (
    id text not null primary key, tenant_id text not null, email text not null, name text not null,
    search_text text not null, role text not null, active integer not null, ${budget},
    password_hash text null, external_id text null, last_log_in_at bigint null, tokens_ended_at bigint null,
    ${dated}, version bigint not null) without rowid`,
  // Begins with the email, by which a log-in looks in every tenant.
  "create unique index users_email on users (email, tenant_id)",
  "create unique index users_external_id on users (tenant_id, external_id)",
  "create index users_role on users (tenant_id, role)",

  `create table api_keys (
    id text not null primary key, tenant_id text not null, user_id text null, name text not null,
    prefix text not null, search_text text not null, environment text not null, ${limits}, ${budget}, ${allowed},
    permissions json not null, expires_at bigint null, active integer not null, revoked_at bigint null,
    last_used_at bigint null, hash text null, hash_key_id text null, previous_hash text null,
    previous_hash_key_id text null, previous_expires_at bigint null, bcrypt_hash text null,
    ${dated}, version bigint not null) without rowid`,
  "create unique index api_keys_hash on api_keys (hash)",
  "create unique index api_keys_previous_hash on api_keys (previous_hash)",
  "create unique index api_keys_bcrypt_hash on api_keys (bcrypt_hash) where bcrypt_hash is not null",
  "create index api_keys_imported on api_keys (prefix) where bcrypt_hash is not null",
  "create index api_keys_owner on api_keys (tenant_id, user_id)",

  `create table sso_configs (
    tenant_id text not null primary key, active integer not null, issuer text not null, client_id text not null,
    secret_ciphertext blob null, secret_nonce blob null, secret_key_id text null, scopes json not null,
    groups_claim text not null, roles_of_groups json not null, default_role text null,
    creates_users integer not null, ${dated}, version bigint not null) without rowid`,

  `create table sessions (
    id text not null primary key, user_id text not null, tenant_id text not null, refresh_hash text not null,
    refresh_key_id text not null, previous_refresh_hash text null, refreshed_at bigint null,
    expires_at bigint not null, ended_at bigint null, ${dated}) without rowid`,
  "create index sessions_user on sessions (user_id)",

  // One row: whoever changes something raises it first, and so waits for others who do. It remembers that there was a
  // key: the gateway does not open to everybody when the last one is deleted.
  `create table directory_version (
    id integer not null primary key check (id = 1), version bigint not null,
    had_api_keys integer not null default 0, ${dated})`,
  `insert into directory_version (id, version, created_at, updated_at) values (1, 0, ${now}, ${now})`,
  `create table directory_changes (
    version bigint not null, kind text not null, id text not null, ${dated},
    primary key (version, kind, id)) without rowid`,

  // `json` is kept as it was written.
  `create table audit_logs (
    id text not null primary key, tenant_id text not null, sequence bigint not null, kind text not null,
    action text not null, actor_type text not null, actor_id text null, target_type text null,
    target_id text null, before json null, after json null, address text null, correlation_id text null,
    count bigint not null, hash text not null, key_id text not null, seal_before text null, ${dated}) without rowid`,
  "create unique index audit_logs_sequence on audit_logs (tenant_id, sequence)",
  "create index audit_logs_tenant on audit_logs (tenant_id, id)",
  ...["update", "delete"].map(
    (event) => `create trigger audit_logs_no_${event} before ${event} on audit_logs
      begin select raise(abort, 'audit_logs is append-only'); end`,
  ),
  // What is replaced is removed without a trigger of its own.
  `create trigger audit_logs_no_replace before insert on audit_logs
    when exists (select 1 from audit_logs where id = new.id)
      or exists (select 1 from audit_logs where tenant_id = new.tenant_id and sequence = new.sequence)
    begin select raise(abort, 'audit_logs is append-only'); end`,
  // Where each trail ends, so that a cut is found.
  `create table audit_heads (
    tenant_id text not null primary key, sequence bigint not null, hash text not null, key_id text not null,
    mac text not null, ${dated}) without rowid`,
];
