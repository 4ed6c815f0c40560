// Where a member is asked, and with what proof of who we are.

import type { Address, AddressQuery, Credential, FamilyMember } from "./family-member.ts";

/** Behind what comes before them at each vendor. */
export const callPaths = { chat: "/chat/completions", embeddings: "/embeddings", models: "/models" } as const;

export function addressOf(member: FamilyMember, query: AddressQuery): Address {
  if (member.addressOf !== undefined) return member.addressOf(query);
  const { basePath } = member;
  const base = query.baseUrl.endsWith(basePath) ? "" : basePath;
  return { path: `${base}${callPaths[query.call]}`, model: query.model };
}

/** The headers that hold the key. */
export function authOf(member: FamilyMember, credential: Credential): Readonly<Record<string, string>> {
  if (member.authOf !== undefined) return member.authOf(credential);
  return credential.apiKey === "" ? {} : { authorization: `Bearer ${credential.apiKey}` };
}
