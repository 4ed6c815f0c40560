// Where a member is asked.

import type { Address, AddressQuery, FamilyMember } from "./family-member.ts";

/** Behind what comes before them at each vendor. */
export const callPaths = { chat: "/chat/completions", embeddings: "/embeddings", models: "/models" } as const;

export function addressOf(member: FamilyMember, query: AddressQuery): Address {
  if (member.addressOf !== undefined) return member.addressOf(query);
  const { basePath } = member;
  const base = query.baseUrl.endsWith(basePath) ? "" : basePath;
  return { path: `${base}${callPaths[query.call]}`, model: query.model };
}
