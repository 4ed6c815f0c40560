import type { Steps } from "./administration-steps.ts";
import type { User } from "./entries.ts";

const usersAtATime = 200;

/** The first active user of a tenant that is wanted. */
export async function activeUser(
  steps: Steps,
  tenantId: string,
  isWanted: (user: User) => boolean,
): Promise<User | undefined> {
  let after: string | undefined;
  for (;;) {
    const query = { tenantId, active: true, first: usersAtATime, after };
    const page = await steps.ask((store) => store.users(query));
    const found = page.entries.find(isWanted);
    after = page.entries.at(-1)?.id;
    if (found !== undefined || !page.hasMore || after === undefined) return found;
  }
}
