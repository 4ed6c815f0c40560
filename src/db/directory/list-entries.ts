// Pages and lists of the directory's entries, read through the entities on whichever database they stand.

import { type EntityManager, raw } from "@mikro-orm/core";
import type { Page, PageQuery } from "../../core/directory/directory-store.ts";
import type { ApiKey, Tenant, User } from "../../core/directory/entries.ts";
import { ApiKeyEntity } from "../entities/api-key-entity.ts";
import { TenantEntity } from "../entities/tenant-entity.ts";
import { UserEntity } from "../entities/user-entity.ts";
import { apiKeyOf } from "./api-key-rows.ts";
import { pageOf } from "./page.ts";
import { tenantOf } from "./tenant-rows.ts";
import { userOf } from "./user-rows.ts";

type TenantQuery = Omit<PageQuery, "tenantId" | "userId">;

export async function listTenants(em: EntityManager, query: TenantQuery): Promise<Page<Tenant>> {
  const { first, after } = query;
  const rows = await em.find(
    TenantEntity,
    { $and: [{ deletedAt: null }, found(query), after === undefined ? {} : { slug: { $gt: after } }] },
    { orderBy: { slug: "asc" }, limit: first + 1, disableIdentityMap: true },
  );
  return pageOf(rows, first, tenantOf);
}

export async function listUsers(em: EntityManager, query: PageQuery): Promise<Page<User>> {
  const rows = await em.find(
    UserEntity,
    { $and: [ofTenant(query), found(query), behind(query)] },
    { orderBy: { id: "asc" }, limit: query.first + 1, disableIdentityMap: true },
  );
  return pageOf(rows, query.first, userOf);
}

export async function listApiKeys(em: EntityManager, query: PageQuery): Promise<Page<ApiKey>> {
  const { userId } = query;
  const rows = await em.find(
    ApiKeyEntity,
    { $and: [ofTenant(query), found(query), behind(query), userId === undefined ? {} : { userId }] },
    { orderBy: { id: "asc" }, limit: query.first + 1, disableIdentityMap: true },
  );
  return pageOf(rows, query.first, apiKeyOf);
}

const ofTenant = ({ tenantId }: PageQuery) => (tenantId === undefined ? {} : { tenantId });

const behind = ({ after }: PageQuery) => (after === undefined ? {} : { id: { $gt: after } });

function found({ search, active }: TenantQuery) {
  return {
    ...(active === undefined ? {} : { active }),
    ...(search === undefined ? {} : { [raw("search_text like ? escape '!'", [patternOf(search)])]: [] }),
  };
}

/** Any text that holds this one, in small letters as `searchText` is. */
const patternOf = (search: string): string => `%${search.toLowerCase().replaceAll(/[!%_]/g, "!$&")}%`;
