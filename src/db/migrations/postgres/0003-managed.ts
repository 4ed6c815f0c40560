const common = `
  draining boolean not null, created_at bigint not null, updated_at bigint not null,
  first_version bigint not null, version bigint not null`;

/** What is configured at run time, and how a measuring strategy came to its order. */
export const addManaged: readonly string[] = [
  // `json` and not `jsonb`, which would sort the keys: the first of a map of deployments is the default model.
  `create table provider_configs (
    name text not null primary key, config json not null,
    secret_ciphertext bytea null, secret_nonce bytea null, secret_key_id text null, ${common})`,
  `create table route_configs (name text not null primary key, config json not null, ${common})`,
  // One row: whoever changes something raises it first, and so waits for others who do.
  "create table config_version (id int not null primary key check (id = 1), version bigint not null)",
  "insert into config_version (id, version) values (1, 0)",
  "alter table provider_attempts add column choice jsonb null",
];
