/** Those of a tenant who administer it are found among many who do not. */
export const addRoles: readonly string[] = ["create index users_role on users (tenant_id, role)"];
