const common = `
  draining integer not null, created_at bigint not null, updated_at bigint not null,
  first_version bigint not null, version bigint not null`;

/** What is configured at run time, and how a measuring strategy came to its order. */
export const addManaged: readonly string[] = [
  `create table provider_configs (
    name text not null primary key, config json not null,
    secret_ciphertext blob null, secret_nonce blob null, secret_key_id text null, ${common}) without rowid`,
  `create table route_configs (name text not null primary key, config json not null, ${common}) without rowid`,
  // One row: whoever changes something raises it first, and so waits for others who do.
  "create table config_version (id integer not null primary key check (id = 1), version bigint not null)",
  "insert into config_version (id, version) values (1, 0)",
  "alter table provider_attempts add column choice json null",
];
