/** Whose calls they are: a start has to know which of the open ones a gateway left that is gone. */
export const addGateways: readonly string[] = [
  "alter table requests add column gateway int null",
  // Whoever writes says who it is once a connection; see `takePresence`.
  `alter table requests alter column gateway
    set default cast(nullif(current_setting('sluice.gateway', true), '') as int)`,
];
