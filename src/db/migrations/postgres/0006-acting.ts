/** Calls of credentials that act for another tenant: what those spend is read from an index that has no other calls. */
export const addActing: readonly string[] = [
  "alter table requests add column acting_from text null",
  `create index requests_acting on requests (acting_from, created_at, id, api_key_id, user_id)
   where acting_from is not null`,
];
