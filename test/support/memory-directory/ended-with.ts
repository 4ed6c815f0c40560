// What ends with a user or a tenant of a directory in memory.

import type { DirectoryChange } from "../../../src/core/directory/directory-store.ts";
import { type EndedWith, maxNamed } from "../../../src/core/directory/ended-with.ts";
import type { State } from "./state.ts";

/** As it stands before the change. */
export function endedWith(state: State, change: DirectoryChange): readonly EndedWith[] {
  if (change.type !== "delete_user" && change.type !== "delete_tenant") return [];
  const { id } = change;
  const isUser = change.type === "delete_user";
  const keys = [...state.apiKeys.values()]
    .map(({ apiKey }) => apiKey)
    .filter((key) => (isUser ? key.userId === id && key.revokedAtMs === undefined : key.tenantId === id))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const sessions = [...state.sessions.values()]
    .map(({ session }) => session)
    .filter(
      ({ userId, tenantId, endedAtMs }) => endedAtMs === undefined && (isUser ? userId : tenantId) === id,
    )
    .map((session) => session.id)
    .toSorted();
  return [
    {
      target: { type: isUser ? "user" : "tenant", id },
      apiKeys: keys.slice(0, maxNamed).map((key) => ({ id: key.id, prefix: key.prefix })),
      apiKeyCount: keys.length,
      sessions: sessions.slice(0, maxNamed),
      sessionCount: sessions.length,
    },
  ];
}
